import CSQLite
import Glibc
import Testing

@testable import Storage

@Suite("A check")
struct CheckTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("finds nothing wrong with a healthy store")
    func healthy() throws {
        let store = try scratch.store()
        try store.writeBlocking { db in try addNote("fine", db) }
        #expect(try store.check() == [])
        try store.optimize()
        store.close()
    }

    @Test("finds a writer that does not sync")
    func setting() throws {
        let store = try scratch.store()
        try store.onWriterConnection { connection in
            try connection.trusted { try connection.execute("PRAGMA synchronous = NORMAL") }
        }
        #expect(try store.check() == [Finding(subject: .setting, message: "writer: synchronous is 1, not 2")])
        store.close()
    }

    @Test("finds a row that points at nothing")
    func orphan() throws {
        let store = try scratch.store()
        _ = try SQLiteShell(scratch.path).run("INSERT INTO reply (note) VALUES (99);")
        let findings = try store.check()
        #expect(findings == [Finding(subject: .foreignKey, message: "reply 1 note 0")])
        store.close()
    }

    @Test("finds a damaged page")
    func damaged() throws {
        let store = try scratch.store()
        try store.writeBlocking { db in
            for number in 0..<2_000 { try addNote("a note, number \(number), of some length", db) }
        }
        store.close()
        // The store is closed: nobody's locks are on the file.
        let file = open(scratch.path, O_WRONLY)
        let zeros = [UInt8](repeating: 0, count: 4_096)
        #expect(pwrite(file, zeros, zeros.count, off_t(scratch.size(of: "store.db") - 8_192)) == zeros.count)
        close(file)
        let again = try scratch.store()
        #expect(try again.check().contains { $0.subject == .integrity })
        again.close()
    }
}
