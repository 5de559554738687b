import CSQLite
import Glibc
import Testing

@testable import Storage

@Suite("A reader")
struct ReadersTests {
    let scratch: Scratch
    let store: Store

    init() throws {
        scratch = try Scratch()
        store = try scratch.store()
    }

    @Test("cannot write")
    func readOnly() throws {
        let error = #expect(throws: StoreError.self) {
            try store.read { db in try addNote("no", db) }
        }
        guard case .sqlite(SQLITE_READONLY, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("gets the connection that was given back, and another while that one is in use")
    func pooled() throws {
        struct Stop: Error {}
        let first = try store.read { db in ObjectIdentifier(db.connection) }
        #expect(throws: Stop.self) {
            try store.read { db in
                #expect(ObjectIdentifier(db.connection) == first)
                let inner = try store.read { db in ObjectIdentifier(db.connection) }
                #expect(inner != first)
                throw Stop()
            }
        }
        #expect(try store.read { db in ObjectIdentifier(db.connection) } == first)
    }

    @Test("sees one moment, and the next read sees what was acknowledged since")
    func consistent() throws {
        let store = store
        try store.writeBlocking { db in try addNote("old", db) }
        try store.read { db in
            let before: Int? = try db.value("SELECT count(*) FROM note")
            try store.writeBlocking { db in try addNote("new", db) }
            let after: Int? = try db.value("SELECT count(*) FROM note")
            #expect(before == 1 && after == 1)
        }
        for count in 2..<200 {
            let seen: Int? = try store.read { db in try db.value("SELECT count(*) FROM note") }
            #expect(seen == count)
            try store.writeBlocking { db in try addNote("number \(count)", db) }
        }
    }

    @Test("keeps its snapshot while nothing is committed")
    func kept() throws {
        try store.writeBlocking { db in try addNote("old", db) }
        try store.read { db in _ = try db.value("SELECT count(*) FROM note") as Int? }
        let moment = try store.read { db in db.connection.snapshotMoment }
        #expect(try store.read { db in db.connection.snapshotMoment } == moment)
        try store.writeBlocking { db in try addNote("new", db) }
        #expect(try store.read { db in db.connection.snapshotMoment } > moment)
    }

    @Test("sees what another program wrote, a moment later")
    func foreign() throws {
        try store.writeBlocking { db in try addNote("ours", db) }
        #expect(try store.notes() == ["ours"])
        _ = try SQLiteShell(scratch.path).run("INSERT INTO note (text) VALUES ('theirs');")
        let deadline = ContinuousClock.now + .seconds(10)
        while try store.notes().count < 2, ContinuousClock.now < deadline {}
        #expect(try store.notes() == ["ours", "theirs"])
    }

    @Test("shows what came after a read that threw")
    func released() throws {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try store.read { db in
                _ = try db.value("SELECT count(*) FROM note") as Int?
                throw Stop()
            }
        }
        try store.writeBlocking { db in try addNote("after", db) }
        #expect(try store.notes() == ["after"])
    }

    @Test("is stopped at its deadline, and the connection serves on")
    func deadline() throws {
        var used: Connection?
        #expect(throws: StoreError.readDeadline) {
            try store.read(within: 50) { db in
                used = db.connection
                try countForever(db)
            }
        }
        try store.read { db in
            #expect(db.connection === used)
            let notes: Int? = try db.value("SELECT count(*) FROM note")
            #expect(notes == 0)
        }
    }

    @Test("has the settings it must have")
    func settings() throws {
        let deviations = try store.read { db in try db.connection.deviations(cache: store.settings.readerCache) }
        #expect(deviations == [])
        let off = try store.read { db in
            try db.connection.trusted { try db.connection.execute("PRAGMA trusted_schema = ON") }
            purser_sqlite_db_config(db.connection.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nil)
            return try db.connection.deviations(cache: store.settings.readerCache)
        }
        #expect(off.count == 2)
        #expect(off.first == "trusted_schema is 1, not 0")
    }

    @Test("runs beside others and beside writes")
    func concurrent() async throws {
        let store = store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for number in 0..<50 {
                        try await store.write { db in try addNote("\(task) \(number)", db) }
                        let own: Int? = try store.read { db in
                            try db.value("SELECT count(*) FROM note WHERE text LIKE ?", "\(task) %")
                        }
                        #expect(own == number + 1)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func countForever(_ db: borrowing Database) throws {
        try db.run(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n WHERE i < 0"
        )
    }
}
