import CSQLite
import Glibc
import Synchronization
import Testing

@testable import Storage

@Suite("A store in trouble", .serialized)
struct FaultTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("says busy while a shell holds the write lock, reads on, and recovers by itself")
    func locked() throws {
        let store = try scratch.store { $0.busyTimeout = 200 }
        try store.writeBlocking { db in try addNote("before", db) }
        let shell = try SQLiteShell(scratch.path)
        #expect(shell.run("BEGIN IMMEDIATE; SELECT count(*) FROM note;") == "1\n")

        let start = monotonicMilliseconds()
        #expect(throws: StoreError.busy) { try store.writeBlocking { db in try addNote("first", db) } }
        let waited = monotonicMilliseconds() - start
        #expect(waited >= 150)

        // Each of ten waiting in full would take two seconds.
        for number in 0..<10 {
            #expect(throws: StoreError.busy) { try store.writeBlocking { db in try addNote("\(number)", db) } }
        }
        #expect(monotonicMilliseconds() - start - waited < 1_500)
        #expect(try store.notes() == ["before"])

        _ = shell.run("COMMIT;")
        try store.writeBlocking { db in try addNote("after", db) }
        #expect(try store.notes() == ["before", "after"])

        // And it is patient again.
        _ = shell.run("BEGIN IMMEDIATE;")
        let again = monotonicMilliseconds()
        #expect(throws: StoreError.busy) { try store.writeBlocking { db in try addNote("late", db) } }
        #expect(monotonicMilliseconds() - again >= 150)
        _ = shell.run("COMMIT;")
    }

    @Test("acknowledges nothing that a failing disk took, and opens its connection anew")
    func brokenDisk() throws {
        let store = try scratch.store()
        try store.writeBlocking { db in try addNote("before", db) }
        let first = try store.onWriterConnection { ObjectIdentifier($0).hashValue ^ $0.handle.hashValue }
        DiskFault.install()
        defer { DiskFault.current.withLock { $0 = nil } }
        DiskFault.current.withLock { $0 = (scratch.path + "-wal", EIO) }

        let gate = Gate()
        let held = store.hold(gate)
        let jobs = (0..<3).map { number in store.queue { db in try addNote("\(number)", db) } }
        gate.open()
        try held.wait()
        for job in jobs {
            let error = #expect(throws: StoreError.self) { try job.wait() }
            guard case .sqlite(SQLITE_IOERR, _, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(try store.notes() == ["before"])

        DiskFault.current.withLock { $0 = nil }
        try store.writeBlocking { db in try addNote("after", db) }
        #expect(try store.notes() == ["before", "after"])
        #expect(try store.onWriterConnection { ObjectIdentifier($0).hashValue ^ $0.handle.hashValue } != first)
        #expect(try store.check() == [])
    }

    @Test("says full when the disk is, reads on, and recovers by itself")
    func fullDisk() throws {
        let store = try scratch.store()
        try store.writeBlocking { db in try addNote("before", db) }
        DiskFault.install()
        defer { DiskFault.current.withLock { $0 = nil } }
        DiskFault.current.withLock { $0 = (scratch.path + "-wal", ENOSPC) }
        for number in 0..<3 {
            #expect(throws: StoreError.full) { try store.writeBlocking { db in try addNote("\(number)", db) } }
        }
        #expect(try store.notes() == ["before"])
        DiskFault.current.withLock { $0 = nil }
        try store.writeBlocking { db in try addNote("after", db) }
        #expect(try store.notes() == ["before", "after"])
        #expect(try store.check() == [])
    }

    @Test("fills a real small disk, and goes on once there is room", .enabled(if: SmallDisk.isPossible))
    func smallDisk() throws {
        let disk = try SmallDisk(at: scratch.folder, megabytes: 2)
        defer { disk.unmount() }
        let ballast = scratch.folder + "/ballast"
        let file = open(ballast, O_WRONLY | O_CREAT, 0o600)
        let bytes = [UInt8](repeating: 1, count: 512 << 10)
        #expect(write(file, bytes, bytes.count) == bytes.count)
        close(file)

        let store = try scratch.store()
        var stored: [String] = []
        var error: StoreError?
        for number in 0..<1_000 where error == nil {
            let text = "\(number)" + String(repeating: ".", count: 8_000)
            do {
                try store.writeBlocking { db in try addNote(text, db) }
                stored.append(text)
            } catch let refusal as StoreError {
                error = refusal
            }
        }
        #expect(error == .full)
        #expect(!stored.isEmpty)
        #expect(try store.notes() == stored)

        unlink(ballast)
        try store.writeBlocking { db in try addNote("room", db) }
        #expect(try store.notes() == stored + ["room"])
        #expect(try store.check() == [])
        store.close()
    }
}

/// A file system of a few megabytes in memory. Only root can have one.
struct SmallDisk {
    let folder: String

    static let isPossible: Bool = {
        guard getuid() == 0, let scratch = try? Scratch() else { return false }
        guard let disk = try? SmallDisk(at: scratch.folder, megabytes: 1) else { return false }
        disk.unmount()
        return true
    }()

    init(at folder: String, megabytes: Int) throws {
        guard mount("tmpfs", folder, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw StoreError.system(call: "mount", errno: errno)
        }
        self.folder = folder
    }

    func unmount() { umount2(folder, 2) }
}
