import CLinux
import Glibc
import Synchronization

// From the listening socket to the epoll set.
extension WorkerPool {
    /// Milliseconds until the timer has another look at what cannot go on by itself.
    static let tick = 10

    /// Accepts what waits, then has the listening socket watched again, unless there is no room.
    func acceptConnections() {
        while !shutdown.hasBegun {
            guard connections.count < settings.maxConnections else { return pauseAccepting() }
            let descriptor = purser_accept(listener.descriptor)
            if descriptor >= 0 {
                admit(descriptor)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return readiness.arm(listener: listener.descriptor)
            default:
                // No descriptors (EMFILE) or memory left. The socket would stay readable and spin: try later.
                acceptFailures.add(1, ordering: .relaxed)
                listening.store(false, ordering: .sequentiallyConsistent)
                return readiness.setTimer(milliseconds: Self.tick)
            }
        }
    }

    private func admit(_ descriptor: Int32) {
        guard isAllowed(descriptor) else {
            close(descriptor)
            return
        }
        let connection = Connection(descriptor: descriptor, settings: settings)
        connections.insert(connection)
        guard readiness.add(connection) else {
            connection.closeNow()
            connections.remove(connection)
            return
        }
        // `stop` closes what it finds idle; what is accepted behind its back is for us to close.
        if shutdown.hasBegun, connection.turn(.idle, into: .busy) { drop(connection) }
    }

    private func isAllowed(_ descriptor: Int32) -> Bool {
        guard let allowed = settings.allowedPeers else { return true }
        var peer = purser_peer()
        return purser_peer_of(descriptor, &peer) == 0 && allowed.contains(peer.uid)
    }

    private func pauseAccepting() {
        listening.store(false, ordering: .sequentiallyConsistent)
        // One may have closed since it was counted, and seen nothing to resume.
        if connections.count < settings.maxConnections { resumeAccepting() }
    }

    private func resumeAccepting() {
        guard !shutdown.hasBegun, !listening.exchange(true, ordering: .sequentiallyConsistent) else { return }
        readiness.arm(listener: listener.descriptor)
    }

    func connectionClosed(_ connection: Connection) {
        connections.remove(connection)
        if shutdown.hasBegun { shutdown.notify() }
        resumeAccepting()
    }

    /// The timer went off.
    func lookAgain() {
        resumeAccepting()
        // Armed, each goes to a free worker at once, which finds it complete, or brings it back.
        for connection in unfinished.takeAll() {
            connection.becomeIdle()
            readiness.arm(connection)
        }
    }
}
