import CLinux
import Glibc

/// The few calls on stream sockets of the file system that the control socket and its client need.
enum UnixSocket {
    struct Fault: Error, CustomStringConvertible {
        let description: String

        init(_ what: String) {
            description = "\(what): \(String(cString: strerror(errno)))"
        }
    }

    /// A listening socket of mode 0600.
    static func listen(on path: String) throws -> Int32 {
        let socket = try open()
        let mask = umask(0o177)
        defer { umask(mask) }
        guard try withAddress(path, { bind(socket, $0, $1) }) == 0, Glibc.listen(socket, 16) == 0 else {
            defer { close(socket) }
            throw Fault("cannot listen on \(path)")
        }
        return socket
    }

    /// Nil when nobody listens there.
    static func connect(to path: String) throws -> Int32? {
        let socket = try open()
        guard try withAddress(path, { Glibc.connect(socket, $0, $1) }) == 0 else {
            let isAbsent = errno == ENOENT || errno == ECONNREFUSED
            defer { close(socket) }
            if isAbsent { return nil }
            throw Fault("cannot connect to \(path)")
        }
        return socket
    }

    private static func open() throws -> Int32 {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Fault("cannot make a socket") }
        return socket
    }

    static func withAddress<R>(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> R
    ) throws -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            throw Fault(path)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // A name that begins with @ is one of the kernel's own, not of the file system (unix(7)).
        if bytes.first == UInt8(ascii: "@") { address.sun_path.0 = 0 }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (bytes.first == UInt8(ascii: "@") ? 0 : 1))
        return try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, size) }
        }
    }

    /// Up to the first line feed; nil when the peer ends earlier or sends more than `limit` bytes.
    static func readLine(_ socket: Int32, limit: Int) -> [UInt8]? {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while line.count <= limit {
            let count = read(socket, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            let seen = line.count
            line += buffer[..<count]
            if let end = line[seen...].firstIndex(of: 0x0A) { return Array(line[..<end]) }
        }
        return nil
    }

    static func write(_ socket: Int32, _ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
