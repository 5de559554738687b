import CSQLite
import Glibc
import Synchronization
import Testing

@testable import Storage

@Suite("The writer")
struct WriterTests {
    struct Refusal: Error, Equatable {}

    let scratch: Scratch
    let store: Store

    init() throws {
        scratch = try Scratch()
        store = try scratch.store()
    }

    @Test("has stored a write when it returns, for every reader to see")
    func stored() async throws {
        let id = try await store.write { db in
            try addNote("hello", db)
            return db.lastInsertID
        }
        #expect(id == 1)
        #expect(try store.notes() == ["hello"])
        #expect(try store.writeBlocking { db in try db.value("SELECT count(*) FROM note") ?? 0 } == 1)
    }

    @Test("commits all that is queued at once")
    func oneCommit() throws {
        let commits = try countCommits()
        let gate = Gate()
        let held = store.hold(gate)
        let jobs = (0..<100).map { number in store.queue { db in try addNote("\(number)", db) } }
        gate.open()
        for job in jobs { try job.wait() }
        try held.wait()
        #expect(try store.notes() == (0..<100).map { "\($0)" })
        #expect(commits.total == 2, "one of the write that held the others up, one of the hundred")
    }

    @Test("takes no more than the batch limit into one commit")
    func batchLimit() throws {
        let scratch = try Scratch()
        let store = try scratch.store { $0.batchLimit = 10 }
        let commits = try countCommits(of: store)
        let gate = Gate()
        let held = store.hold(gate)
        let jobs = (0..<25).map { number in store.queue { db in try addNote("\(number)", db) } }
        gate.open()
        for job in jobs { try job.wait() }
        try held.wait()
        #expect(commits.total == 4, "one of the write that held the others up, and 10 + 10 + 5")
    }

    @Test("acknowledges nobody before the commit")
    func acknowledgement() throws {
        let gate = Gate()
        let inside = Gate()
        let release = Gate()
        let held = store.hold(gate)
        let first = Probe { db in try addNote("first", db) }
        store.writer.submit(first)
        let second = store.queue { _ in
            inside.open()
            release.wait()
        }
        gate.open()
        inside.wait()
        #expect(first.hasRun && !first.isSettled)
        #expect(try store.notes() == [])
        release.open()
        try held.wait()
        try second.wait()
        #expect(try store.notes() == ["first"])
    }

    @Test("rolls back a write that throws, and it alone")
    func alone() throws {
        let gate = Gate()
        let held = store.hold(gate)
        let before = store.queue { db in try addNote("before", db) }
        let failing = store.queue { db in
            try addNote("never", db)
            throw Refusal()
        }
        let twice = store.queue { db in
            try addNote("nor this", db)
            try addNote("before", db)
        }
        let after = store.queue { db in try addNote("after", db) }
        gate.open()
        try held.wait()
        try before.wait()
        #expect(throws: Refusal()) { try failing.wait() }
        #expect(throws: StoreError.constraint(.unique, message: "UNIQUE constraint failed: note.text")) {
            try twice.wait()
        }
        try after.wait()
        #expect(try store.notes() == ["before", "after"])
    }

    @Test("rolls back a write that throws when no other is queued")
    func single() async throws {
        await #expect(throws: Refusal()) {
            try await store.write { db in
                try addNote("never", db)
                throw Refusal()
            }
        }
        try await store.write { db in try addNote("next", db) }
        #expect(try store.notes() == ["next"])
    }

    @Test("finds a row that points at nothing before the commit, and blames nobody else")
    func orphan() throws {
        let gate = Gate()
        let held = store.hold(gate)
        let before = store.queue { db in try addNote("before", db) }
        let orphan = store.queue { db in try db.run("INSERT INTO reply (note) VALUES (?)", 99) }
        let late = store.queue { db in
            // Deferred: the note may come after the reply.
            try db.run("INSERT INTO reply (note) VALUES (?)", 50)
            try db.run("INSERT INTO note (id, text) VALUES (?, ?)", 50, "late")
        }
        gate.open()
        try held.wait()
        try before.wait()
        #expect(throws: StoreError.constraint(.foreignKey, message: "FOREIGN KEY constraint failed")) {
            try orphan.wait()
        }
        try late.wait()
        #expect(try store.notes() == ["before", "late"])
    }

    @Test("acknowledges nobody of a batch whose commit fails")
    func failedCommit() throws {
        try store.onWriterConnection { connection in
            _ = sqlite3_commit_hook(connection.handle, { _ in 1 }, nil)
        }
        let gate = Gate()
        let held = store.hold(gate)
        let jobs = (0..<5).map { number in store.queue { db in try addNote("\(number)", db) } }
        gate.open()
        #expect(throws: StoreError.self) { try held.wait() }
        for job in jobs { #expect(throws: StoreError.self) { try job.wait() } }
        #expect(try store.notes() == [])
        try store.onWriterConnection { connection in
            _ = sqlite3_commit_hook(connection.handle, nil, nil)
        }
        try store.writeBlocking { db in try addNote("again", db) }
        #expect(try store.notes() == ["again"])
    }

    @Test("refuses what is past the queue's limit at once, and does all that it took")
    func bounded() throws {
        let scratch = try Scratch()
        let store = try scratch.store { $0.queueLimit = 8 }
        let gate = Gate()
        let held = store.hold(gate)
        let taken = (0..<8).map { number in store.queue { db in try addNote("\(number)", db) } }
        let tooMany = Probe { db in try addNote("too many", db) }
        store.writer.submit(tooMany)
        #expect(tooMany.refusal == .overloaded)
        #expect(store.waitingWrites == 8)
        gate.open()
        try held.wait()
        for job in taken { try job.wait() }
        try store.writeBlocking { db in try addNote("room again", db) }
        #expect(try store.notes().count == 9)
    }

    @Test("keeps every write of many tasks, each once")
    func many() async throws {
        let store = store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<32 {
                group.addTask {
                    for number in 0..<20 { try await store.write { db in try addNote("\(task)-\(number)", db) } }
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(try store.notes()).count == 640)
    }

    @Test("runs on a thread of its own that has a name and takes no signals")
    func thread() async throws {
        let (name, blocked) = try await store.write { _ in
            var name = [UInt8](repeating: 0, count: 32)
            let file = open("/proc/thread-self/comm", O_RDONLY)
            let count = read(file, &name, name.count)
            close(file)
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            let blocked = [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD].allSatisfy { sigismember(&mask, $0) == 1 }
            return (String(decoding: name[..<count], as: UTF8.self), blocked)
        }
        #expect(name == "purser-writer\n")
        #expect(blocked)
    }

    @Test("refuses a write inside a write instead of waiting for itself")
    func reentrant() async {
        let store = store
        await #expect(throws: StoreError.misuse("A write inside a write.")) {
            try await store.write { _ in try store.writeBlocking { _ in } }
        }
    }

    private func countCommits() throws -> CommitCount { try countCommits(of: store) }

    private func countCommits(of store: Store) throws -> CommitCount {
        let count = CommitCount()
        try store.onWriterConnection { connection in
            let context = Unmanaged.passRetained(count).toOpaque()
            _ = sqlite3_commit_hook(
                connection.handle,
                { context in
                    if let context { Unmanaged<CommitCount>.fromOpaque(context).takeUnretainedValue().add() }
                    return 0
                },
                context
            )
        }
        return count
    }
}

/// How often a connection committed something.
final class CommitCount: Sendable {
    private let count = Atomic<Int>(0)
    func add() { count.add(1, ordering: .relaxed) }
    var total: Int { count.load(ordering: .relaxed) }
}

/// A job that shows how far it has come.
final class Probe: Job, @unchecked Sendable {
    private let body: (borrowing Database) throws -> Void
    private let ran = Atomic<Bool>(false)
    private let settled = Atomic<Bool>(false)
    private(set) var refusal: StoreError?

    init(_ body: @escaping (borrowing Database) throws -> Void) {
        self.body = body
        super.init()
    }

    override func perform(_ connection: Connection) throws {
        try body(Database(connection))
        ran.store(true, ordering: .releasing)
    }

    override func settle(_ error: (any Error)?) {
        refusal = error as? StoreError
        settled.store(true, ordering: .releasing)
    }

    var hasRun: Bool { ran.load(ordering: .acquiring) }
    var isSettled: Bool { settled.load(ordering: .acquiring) }
}
