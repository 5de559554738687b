import Glibc
import Synchronization
import Testing

@testable import Storage

@Suite("A store")
struct StoreTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("refuses a folder that another store owns, and says whose it is")
    func owned() throws {
        let store = try scratch.store()
        #expect(throws: StoreError.inUse(by: getpid())) { try Store(scratch.settings) }
        store.close()
        #expect(throws: Never.self) { try Store(scratch.settings).close() }
    }

    @Test("takes over a folder whose owner died without a word")
    func stale() throws {
        let file = open(scratch.folder + "/lock", O_WRONLY | O_CREAT, 0o600)
        _ = write(file, "4711\n", 5)
        close(file)
        try scratch.store().close()
    }

    @Test("refuses another program's database")
    func foreign() throws {
        let shell = try SQLiteShell(scratch.path)
        _ = shell.run("CREATE TABLE theirs (x); PRAGMA application_id = 77;")
        #expect(throws: StoreError.foreign(applicationID: 77)) { try Store(scratch.settings) }
        _ = shell.run("PRAGMA application_id = 0;")
        #expect(throws: StoreError.foreign(applicationID: 0)) { try Store(scratch.settings) }
        #expect(shell.run("PRAGMA journal_mode;") == "delete\n")
    }

    @Test("refuses a file that is no database")
    func garbage() throws {
        let file = open(scratch.path, O_WRONLY | O_CREAT, 0o600)
        let bytes = [UInt8](repeating: 65, count: 8_192)
        _ = write(file, bytes, bytes.count)
        close(file)
        #expect(throws: StoreError.corrupt("file is not a database")) { try Store(scratch.settings) }
    }

    @Test("makes files that only its user may read")
    func modes() throws {
        let store = try scratch.store()
        try store.writeBlocking { db in try addNote("private", db) }
        for name in scratch.names { #expect(scratch.mode(of: name) == 0o600, "\(name)") }
        #expect(scratch.names == ["lock", "store.db", "store.db-shm", "store.db-wal"])
        store.close()
    }

    @Test("does what is queued before it closes, then leaves one file and no log")
    func closes() throws {
        let store = try scratch.store()
        _ = try store.notes()
        let gate = Gate()
        let held = store.hold(gate)
        let jobs = (0..<50).map { number in store.queue { db in try addNote("\(number)", db) } }
        gate.open()
        store.close()
        try held.wait()
        for job in jobs { try job.wait() }
        #expect(scratch.names == ["lock", "store.db"])
        let again = try scratch.store()
        #expect(try again.notes().count == 50)
        again.close()
    }

    @Test("answers nothing after it is closed, however often it is closed")
    func closed() async throws {
        let store = try scratch.store()
        store.close()
        store.close()
        #expect(throws: StoreError.closed) { try store.read { _ in } }
        await #expect(throws: StoreError.closed) { try await store.write { _ in } }
        #expect(throws: StoreError.closed) { try store.writeBlocking { _ in } }
        #expect(throws: StoreError.closed) { try store.migrate([]) }
    }

    @Test("closes with its last reference")
    func released() throws {
        do {
            let store = try scratch.store()
            try store.writeBlocking { db in try addNote("kept", db) }
        }
        #expect(scratch.names == ["lock", "store.db"])
    }

    @Test("closes with its last reference inside a write, instead of waiting for itself", .timeLimit(.minutes(1)))
    func releasedInside() throws {
        let last = LastReference(try scratch.store())
        let gate = Gate()
        let job = last.store.withLock { store in
            store?.queue { db in
                gate.wait()
                last.store.withLock { $0 = nil }
                try addNote("stored all the same", db)
            }
        }
        gate.open()
        try job?.wait()
        #expect(last.store.withLock { $0 == nil })
    }

    final class LastReference: Sendable {
        let store: Mutex<Store?>
        init(_ store: Store) { self.store = Mutex(store) }
    }

    @Test("reads what a killed process had committed")
    func recovers() throws {
        let crashed = try Scratch()
        do {
            let store = try crashed.store()
            try store.writeBlocking { db in try addNote("survivor", db) }
            // What a kill leaves: the file and the log as they are now.
            for name in ["store.db", "store.db-wal"] { copy(crashed, name) }
        }
        let store = try scratch.store()
        #expect(try store.notes() == ["survivor"])
        store.close()
    }

    private func copy(_ from: Scratch, _ name: String) {
        // Through a shell: no descriptor of a live database may be opened and closed in its own process.
        var arguments =
            ["cp", "\(from.folder)/\(name)", "\(scratch.folder)/\(name)"].map { text in text.withCString { strdup($0) }
            } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid = pid_t()
        #expect(posix_spawnp(&pid, "cp", nil, nil, &arguments, environ) == 0)
        waitpid(pid, nil, 0)
    }
}
