import CFastCGI
import CLinux
import Glibc
import Synchronization

/// One accepted connection and libfcgi's request on it.
///
/// All that leans on libfcgi's internals is in this file. Its header says not to touch `ipcFd`, `keepConnection`
/// and `appStatus`, but they are the only way to bring connections of one's own:
/// - `FCGX_Accept_r` accepts only while `ipcFd` is negative, so a connection put there is used as it is. It
///   finishes the former request first, and that closes the connection unless `keepConnection` is set; then it
///   sets `keepConnection` to what the BEGIN_REQUEST record asks for.
/// - When the connection ends it accepts on the listening socket, which is -1 here, so it fails at once.
/// - `FCGX_Finish_r` leaves the body that was not read where it is, and `appStatus` as it was.
/// The fields have been where they are from 2003 to 2.4.7; `LayoutTests` holds them there.
final class Connection: @unchecked Sendable {
    /// Who may touch the connection.
    enum State: UInt8 {
        /// Nobody: it waits in the epoll set.
        case idle
        /// The worker that claimed it, then the handler.
        case busy
        /// `stop`, which has shut it down.
        case stopped
    }

    enum Opening {
        case complete, partial, refused, nothing
    }

    let descriptor: Int32
    let request: UnsafeMutablePointer<FCGX_Request>
    /// When the rest of an opening must be there, by `Clock.now`; 0 while none is awaited. The worker's.
    var deadline: Int64 = 0
    private let state = Atomic<UInt8>(State.idle.rawValue)

    /// Takes over an accepted, blocking socket. Time-outs in seconds.
    init(descriptor: Int32, settings: PoolSettings) {
        self.descriptor = descriptor
        request = .allocate(capacity: 1)
        request.initialize(to: FCGX_Request())
        FCGX_InitRequest(request, -1, 0)
        request.pointee.ipcFd = descriptor
        for (option, seconds) in [(SO_RCVTIMEO, settings.receiveTimeout), (SO_SNDTIMEO, settings.sendTimeout)] {
            var time = timeval(tv_sec: seconds, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit {
        FCGX_Free(request, 0)
        request.deallocate()
    }

    /// Moves from one state to another, for one caller only: false if the connection was in another state.
    func turn(_ from: State, into next: State) -> Bool {
        state.compareExchange(expected: from.rawValue, desired: next.rawValue, ordering: .sequentiallyConsistent)
            .exchanged
    }

    /// Gives the connection up, before it is armed again.
    func becomeIdle() {
        state.store(State.idle.rawValue, ordering: .sequentiallyConsistent)
    }

    /// Whether bytes wait to be read.
    var hasInput: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    /// Whether the peer has closed its side. The bytes that it left behind hide that from `recv`.
    private var hasLeft: Bool {
        var watched = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&watched, 1, 0) > 0
    }

    /// Looks at what the peer has sent, without taking it; `.refused` also if it has gone. `window` holds at
    /// least `FirstRecord.window` bytes.
    func look(through window: UnsafeMutableRawBufferPointer) -> Opening {
        // Nearly every opening fits the first look; the second one copies what a large one needs.
        for size in [4096, FirstRecord.window] {
            let flags = Int32(MSG_PEEK | MSG_DONTWAIT)
            let count = recv(descriptor, window.baseAddress, size, flags)
            if count < 0 && (errno == EAGAIN || errno == EINTR) { return .nothing }
            guard count > 0 else { return .refused }
            switch FirstRecord.judge(UnsafeMutableRawBufferPointer(rebasing: window[..<count])) {
            case .complete: return .complete
            case .refused: return .refused
            case .partial: if count < size { return hasLeft ? .refused : .partial }
            }
        }
        return .refused
    }

    /// Has libfcgi read the opening that `look` found complete. False if it would not have it; the connection
    /// is closed then.
    func accept() -> Bool {
        request.pointee.keepConnection = 1
        request.pointee.appStatus = 0
        return FCGX_Accept_r(request) == 0
    }

    /// Ends the request: reads the body to its end, or its left-over bytes would be parsed as the next request,
    /// and sends the rest of the answer. True if the connection stays open for another one.
    func finish(keepingOpen: Bool) -> Bool {
        drain()
        if !keepingOpen { request.pointee.keepConnection = 0 }
        FCGX_Finish_r(request)
        return request.pointee.ipcFd >= 0
    }

    /// Reads the body to its end, not to CONTENT_LENGTH: the empty record that ends it must be read as well.
    /// A body that ends early leaves an error on the stream, for which libfcgi closes the connection.
    func drain() {
        guard FCGX_GetChar(request.pointee.in) >= 0 else { return }
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192) { room in
            while FCGX_GetStr(room.baseAddress, Int32(room.count), request.pointee.in) == Int32(room.count) {}
        }
    }

    /// Closes an idle or refused connection. Not through libfcgi, which would wait for the peer to do the same.
    func closeNow() {
        guard request.pointee.ipcFd >= 0 else { return }
        request.pointee.ipcFd = -1
        close(descriptor)
    }
}
