import CSQLite
import Glibc
import Synchronization

/// Makes SQLite's own writes to one file fail, through the door it has for that (`xSetSystemCall`).
enum DiskFault {
    /// The file and the `errno`; nil while the disk is well. One at a time: the tests that use it are serialized.
    static let current = Mutex<(file: String, errno: Int32)?>(nil)

    static func install() {
        guard let system = sqlite3_vfs_find(nil) else { return }
        for (name, call) in calls { _ = system.pointee.xSetSystemCall(system, name, call) }
    }

    private typealias Write = @convention(c) (Int32, UnsafeRawPointer?, Int) -> Int
    private typealias PositionedWrite = @convention(c) (Int32, UnsafeRawPointer?, Int, Int) -> Int

    private static let calls: [(String, sqlite3_syscall_ptr)] = {
        let write: Write = { file, bytes, count in
            DiskFault.fails(file) ? -1 : Glibc.write(file, bytes, count)
        }
        let pwrite: PositionedWrite = { file, bytes, count, offset in
            DiskFault.fails(file) ? -1 : Glibc.pwrite(file, bytes, count, offset)
        }
        return [
            ("write", unsafeBitCast(write, to: sqlite3_syscall_ptr.self)),
            ("pwrite", unsafeBitCast(pwrite, to: sqlite3_syscall_ptr.self)),
            ("pwrite64", unsafeBitCast(pwrite, to: sqlite3_syscall_ptr.self)),
        ]
    }()

    private static func fails(_ file: Int32) -> Bool {
        guard let fault = current.withLock({ $0 }) else { return false }
        var name = [CChar](repeating: 0, count: 512)
        let count = readlink("/proc/self/fd/\(file)", &name, name.count)
        guard count > 0 else { return false }
        let path = String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard path == fault.file else { return false }
        errno = fault.errno
        return true
    }
}
