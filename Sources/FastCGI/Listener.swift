import CLinux
import Glibc

/// Where requests come from: a listening unix socket, inherited or of our own.
public struct Listener: Sendable {
    let descriptor: Int32
    /// Where the socket lies, to be unlinked at the end; nil if it was inherited, and so is its owner's to remove.
    public let path: String?
    private let inode: ino_t

    /// The socket systemd passed (sd_listen_fds(3)): descriptor 3, if `LISTEN_PID` names this process.
    ///
    /// Nil when none was passed. The variables are unset in any case, so that no child takes them for its own.
    /// Throws `ListenerError` when more than one was passed or it does not listen.
    public static func inherited() throws -> Listener? {
        func take(_ name: String) -> String? {
            defer { unsetenv(name) }
            return getenv(name).map { String(cString: $0) }
        }
        let (pid, count, _) = (take("LISTEN_PID"), take("LISTEN_FDS"), take("LISTEN_FDNAMES"))
        return try inherited(pid: pid, count: count, descriptor: 3)
    }

    static func inherited(pid: String?, count: String?, descriptor: Int32) throws -> Listener? {
        guard let pid, Int32(pid) == getpid(), let count, let count = Int(count), count > 0 else { return nil }
        guard count == 1 else { throw ListenerError.severalInherited(count) }
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0, listens == 1 else {
            throw ListenerError.notListening(descriptor: descriptor)
        }
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw SystemError("fcntl") }
        try doNotBlock(descriptor)
        return Listener(descriptor: descriptor, path: nil, inode: 0)
    }

    /// Listens at `path`, with mode 0660 and, if given, for `group` (nginx's); `backlog` connections may queue.
    ///
    /// A socket that a dead process left there is removed; one somebody still answers on, and anything that is
    /// not a socket, is not: `ListenerError`. Every other failure is a `SystemError`.
    public static func bind(path: String, group: String?, backlog: Int32) throws -> Listener {
        let gid = try group.map(identifier(ofGroup:))
        guard let address = UnixAddress(path) else { throw ListenerError.pathTooLong(path) }
        try removeStale(address)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        do {
            // The name appears with the mode of the descriptor: nobody else's until group and mode are right.
            guard fchmod(descriptor, 0o600) == 0 else { throw SystemError("fchmod") }
            guard address.bind(descriptor) == 0 else { throw SystemError("bind \(path)") }
            if let gid, chown(path, uid_t.max, gid) != 0 { throw SystemError("chown \(path)") }
            guard chmod(path, 0o660) == 0 else { throw SystemError("chmod \(path)") }
            try doNotBlock(descriptor)
            guard listen(descriptor, backlog) == 0 else { throw SystemError("listen \(path)") }
            var status = stat()
            guard lstat(path, &status) == 0 else { throw SystemError("stat \(path)") }
            return Listener(descriptor: descriptor, path: path, inode: status.st_ino)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Refuses those who would connect from now on. An inherited socket stays as it is: the next process takes
    /// it over, and whoever connects meanwhile waits for that one.
    func refuse() {
        guard let path else { return }
        var status = stat()
        // Only our own: a successor may have put its socket in place already.
        if lstat(path, &status) == 0, status.st_ino == inode { unlink(path) }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private static func removeStale(_ address: UnixAddress) throws {
        var status = stat()
        guard lstat(address.path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw ListenerError.notASocket(address.path) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw SystemError("socket") }
        defer { close(probe) }
        guard address.connect(probe) != 0 else { throw ListenerError.inUse(address.path) }
        guard unlink(address.path) == 0 else { throw SystemError("unlink \(address.path)") }
    }

    private static func identifier(ofGroup name: String) throws -> gid_t {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var text = [CChar](repeating: 0, count: 16_384)
        let code = getgrnam_r(name, &entry, &text, text.count, &found)
        guard code == 0 else { throw SystemError("getgrnam \(name)", code: code) }
        guard let found else { throw ListenerError.noSuchGroup(name) }
        return found.pointee.gr_gid
    }

    private static func doNotBlock(_ descriptor: Int32) throws {
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else { throw SystemError("fcntl") }
    }
}

/// Why there is nothing to listen on.
public enum ListenerError: Error, Equatable {
    case severalInherited(Int)
    case notListening(descriptor: Int32)
    case pathTooLong(String)
    case notASocket(String)
    case inUse(String)
    case noSuchGroup(String)
}
