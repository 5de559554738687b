import CLinux
import Glibc

/// The address of a unix socket in the file system.
struct UnixAddress {
    let path: String
    private var address = sockaddr_un()

    /// Nil for a path that is empty, holds a NUL or does not fit (107 bytes).
    init?(_ path: String) {
        self.path = path
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard !bytes.isEmpty, bytes.count < room.count, !bytes.contains(0) else { return false }
            room.copyBytes(from: bytes)
            return true
        }
        guard fits else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
    }

    func bind(_ descriptor: Int32) -> Int32 {
        with { Glibc.bind(descriptor, $0, $1) }
    }

    func connect(_ descriptor: Int32) -> Int32 {
        with { Glibc.connect(descriptor, $0, $1) }
    }

    private func with(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
