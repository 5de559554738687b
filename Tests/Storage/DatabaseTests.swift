import Testing

@testable import Storage

@Suite("A database handle")
struct DatabaseTests {
    enum Mood: String, Bindable { case calm, cross }

    struct NoteID: RawRepresentable, Bindable, Column, Equatable {
        let rawValue: Int64
        init(rawValue: Int64) { self.rawValue = rawValue }
        init(in row: borrowing Row, at index: Int) { rawValue = row[index] }
    }

    let scratch: Scratch
    let store: Store

    init() throws {
        scratch = try Scratch()
        store = try scratch.store()
    }

    @Test("gives back every value as it was bound")
    func values() throws {
        try store.read { db in
            let row = try db.first(
                "SELECT ?, ?, ?, ?, ?, ?, ?, ?",
                Int.max,
                Int64.min,
                "Zoë\u{0}\u{1F6A2}",
                "",
                [UInt8](0...255),
                [UInt8](),
                true,
                Mood.cross
            ) { row in
                #expect(row.count == 8)
                #expect(row[0] == Int.max)
                #expect(row[1] == Int64.min)
                #expect(Array(row.text(2).utf8) == Array("Zoë\u{0}\u{1F6A2}".utf8))
                #expect(row[3] == "")
                #expect(row[4] == [UInt8](0...255))
                #expect(row[5] == [UInt8]())
                #expect(row[6] == true)
                let mood: Mood = try row.raw(7)
                #expect(mood == .cross)
                return true
            }
            #expect(row == true)
        }
    }

    @Test("tells NULL from an empty value")
    func nulls() throws {
        try store.read { db in
            let none: Int64? = nil
            let isNull = try db.first("SELECT ?, ?, ?", none, "", [UInt8]()) { row in
                (0..<3).map { row.isNull($0) }
            }
            #expect(isNull == [true, false, false])
            let read = try db.first("SELECT NULL, 'a', NULL") { row in
                (row.optionalInt(0), row.optionalText(1), row[2] as [UInt8]?)
            }
            #expect(read?.0 == nil && read?.1 == "a" && read?.2 == nil)
            let sum: Int64? = try db.value("SELECT sum(id) FROM note")
            #expect(sum == nil)
        }
    }

    @Test(
        "throws when a column is not what it is read as, whatever the closure made of it",
        arguments: ["NULL", "12", "1.5", "blob"]
    )
    func mismatch(stored: String) throws {
        // One literal for all four, since SQL is never assembled; which of them is the binding's business.
        func cost(_ stored: String) throws -> Int64? {
            try store.read { db in
                try db.first(
                    """
                    SELECT CASE ? WHEN 'NULL' THEN NULL WHEN '1.5' THEN 1.5 WHEN 'blob' THEN x'00'
                        WHEN '7' THEN 7 ELSE '12' END AS cost
                    """,
                    stored
                ) { $0.int(0) }
            }
        }
        let error = #expect(throws: StoreError.self) { try cost(stored) }
        guard case .mismatch(let column) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(column.hasPrefix("cost of "))
        #expect(try cost("7") == 7, "the statement is none the worse for it")
    }

    @Test("throws for a stored value that an enumeration lacks")
    func unknownCase() {
        #expect(throws: StoreError.corrupt("Mood has no value merry")) {
            try store.read { db in
                try db.first("SELECT 'merry'") { row in try row.raw(0) as Mood }
            }
        }
    }

    @Test("reads and binds a type of the caller's own")
    func ownType() throws {
        let id: NoteID? = try store.read { db in try db.value("SELECT ?", NoteID(rawValue: 7)) }
        #expect(id == NoteID(rawValue: 7))
    }

    @Test("refuses too few and too many values")
    func count() {
        #expect(throws: StoreError.misuse("2 values wanted, 1 given: SELECT ?, ?")) {
            try store.read { db in try db.run("SELECT ?, ?", 1) }
        }
        #expect(throws: StoreError.misuse("0 values wanted, 1 given: SELECT 1")) {
            try store.read { db in try db.run("SELECT 1", 1) }
        }
        // And the statement is fit for use after that.
        #expect(throws: Never.self) { try store.read { db in try db.run("SELECT ?, ?", 1, 2) } }
    }

    @Test("refuses a second statement behind the first")
    func second() {
        #expect(throws: StoreError.self) { try store.read { db in try db.run("SELECT 1; SELECT 2") } }
        #expect(throws: Never.self) { try store.read { db in try db.run("SELECT 1 ;\n") } }
    }

    @Test("does not lend a caller the statement that the store ends a transaction with")
    func controls() throws {
        func same(_ sql: StaticString) throws {
            try store.onWriterConnection { connection in
                try connection.control("BEGIN")
                try connection.control(sql)
                try connection.control("BEGIN")
                defer { try? connection.control("ROLLBACK") }
                #expect(throws: StoreError.self) { try Database(connection).run(sql) }
            }
        }
        try same("COMMIT")
    }

    @Test("refuses to end its transaction, to attach and to set a pragma")
    func guarded() async {
        await #expect(throws: StoreError.self) { try await store.write { db in try db.run("COMMIT") } }
        await #expect(throws: StoreError.self) { try await store.write { db in try db.run("ROLLBACK") } }
        await #expect(throws: StoreError.self) { try await store.write { db in try db.run("SAVEPOINT mine") } }
        await #expect(throws: StoreError.self) { try await store.write { db in try db.run("RELEASE write") } }
        #expect(throws: StoreError.self) { try store.read { db in try db.run("PRAGMA query_only = OFF") } }
        #expect(throws: StoreError.self) { try store.read { db in try db.run("ATTACH ':memory:' AS other") } }
    }

    @Test("takes a query inside the rows of the same query")
    func nested() throws {
        func walk(_ db: borrowing Database, depth: Int) throws -> [Int] {
            var seen: [Int] = []
            try db.each("SELECT 1 UNION ALL SELECT 2 WHERE ? > 0", depth) { row in
                seen.append(row[0])
                if depth > 0 { seen += try walk(db, depth: depth - 1) }
                return true
            }
            return seen
        }
        #expect(try store.read { db in try walk(db, depth: 2) } == [1, 1, 1, 2, 1, 2, 1, 1, 2, 1])
    }

    @Test("prepares a literal once, and leaves it ready when a row's closure throws")
    func cached() throws {
        struct Stop: Error {}
        func visit(_ db: borrowing Database, fails: Bool) throws -> OpaquePointer? {
            var handle: OpaquePointer?
            try db.each("SELECT 1 UNION ALL SELECT 2") { row in
                handle = row.statementHandle
                if fails { throw Stop() }
                return true
            }
            return handle
        }
        try store.read { db in
            let first = try visit(db, fails: false)
            #expect(throws: Stop.self) { try visit(db, fails: true) }
            #expect(try visit(db, fails: false) == first)
        }
    }

    @Test("counts the rows it changed and knows the last id")
    func changes() async throws {
        try await store.write { db in
            try addNote("one", db)
            try addNote("two", db)
            #expect(db.lastInsertID == 2)
            #expect(try db.run("UPDATE note SET text = text || '!' WHERE id <= ?", 9) == 2)
            #expect(try db.run("DELETE FROM note WHERE id = ?", 9) == 0)
            #expect(try db.run("SELECT text FROM note") == 0)
        }
        let seen = try store.read { db in
            var seen: [String] = []
            try db.each("SELECT text FROM note ORDER BY id") { row in
                seen.append(row[0])
                return false
            }
            return seen
        }
        #expect(seen == ["one!"])
    }

    @Test("refuses a text past eight megabytes")
    func tooLong() async {
        await #expect(throws: StoreError.self) {
            try await store.write { db in try addNote(String(repeating: "a", count: 9 << 20), db) }
        }
    }

    @Test("finds every one of many statements by its address")
    func table() throws {
        var table = StatementTable()
        let connection = try Connection.reader(store.settings)
        let statement = try connection.statement("SELECT 1")
        let other = try connection.statement("SELECT 2")
        for key in 1...1_000 { table.insert(key == 500 ? other : statement, at: UInt(key) * 8) }
        #expect((1...1_000).allSatisfy { table[UInt($0) * 8] === ($0 == 500 ? other : statement) })
        #expect(table[8_008] == nil)
    }
}

extension Row {
    /// Which prepared statement this row is of.
    fileprivate var statementHandle: OpaquePointer { statement.handle }
}
