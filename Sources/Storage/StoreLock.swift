import CLinux
import Glibc
import Synchronization

/// The claim of one store on its folder: `flock` on a file of its own, which the kernel drops when the process dies.
///
/// Not on the database file: closing any descriptor of that would drop SQLite's own locks in this process.
final class StoreLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: ``StoreError/inUse(by:)`` while another holds the folder.
    init(folder: String) throws {
        let file = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError.system(call: "open \(folder)/lock", errno: errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            defer { Glibc.close(file) }
            guard reason == EWOULDBLOCK else { throw StoreError.system(call: "flock", errno: reason) }
            throw StoreError.inUse(by: Self.owner(file))
        }
        let pid = Array("\(getpid())\n".utf8)
        // Only a courtesy to whoever is refused: the lock holds without it.
        if ftruncate(file, 0) == 0 { _ = pwrite(file, pid, pid.count, 0) }
        descriptor = Mutex(file)
    }

    func release() {
        descriptor.withLock { file in
            guard let open = file else { return }
            // Not left to `close`: a child between fork and exec holds a copy of the descriptor.
            flock(open, LOCK_UN)
            Glibc.close(open)
            file = nil
        }
    }

    deinit { release() }

    private static func owner(_ file: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(file, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        let digits = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}
