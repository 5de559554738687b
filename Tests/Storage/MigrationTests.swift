import Testing

@testable import Storage

@Suite("Migrations")
struct MigrationTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    static let first = Migration("first", "CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT")
    static let second = Migration(
        "second",
        "CREATE TABLE b (a INTEGER REFERENCES a (id)) STRICT; INSERT INTO a VALUES (1)"
    )

    @Test("apply in order, once, and only what is new")
    func order() throws {
        let store = try Store(scratch.settings)
        #expect(try store.migrate([Self.first]) == ["first"])
        #expect(try store.migrate([Self.first]) == [])
        #expect(try store.migrate([Self.first, Self.second]) == ["second"])
        store.close()
        let again = try Store(scratch.settings)
        #expect(try again.migrate([Self.first, Self.second]) == [])
        let records = try again.read { db in
            try db.all("SELECT id, name, length(sha256), applied_at FROM schema_migration ORDER BY id") { row in
                #expect(row.int(3) > 1_700_000_000_000)
                return "\(row.int(0)) \(row.text(1)) \(row.int(2))"
            }
        }
        #expect(records == ["1 first 32", "2 second 32"])
        #expect(try again.onWriterConnection { try $0.integer("PRAGMA user_version") } == 2)
        again.close()
    }

    @Test("refuse a database that knows more than the program")
    func newer() throws {
        let store = try Store(scratch.settings)
        try store.migrate([Self.first, Self.second])
        #expect(throws: StoreError.newerSchema(name: "second")) { try store.migrate([Self.first]) }
    }

    @Test("refuse one that was edited, renamed or moved after it was applied")
    func edited() throws {
        let store = try Store(scratch.settings)
        try store.migrate([Self.first, Self.second])
        let edited = Migration("first", "CREATE TABLE a (id INTEGER PRIMARY KEY, more TEXT) STRICT")
        #expect(throws: StoreError.editedMigration(name: "first")) { try store.migrate([edited, Self.second]) }
        let renamed = Migration("primary", "CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT")
        #expect(throws: StoreError.editedMigration(name: "first")) { try store.migrate([renamed, Self.second]) }
        #expect(throws: StoreError.editedMigration(name: "first")) { try store.migrate([Self.second, Self.first]) }
    }

    @Test(
        "leave everything as it was when one of them fails",
        arguments: [
            Migration("bad", "CREATE TABLE c (x INTEGER) STRICT; CREATE TABLE a (x INTEGER) STRICT"),
            Migration("ends", "CREATE TABLE c (x INTEGER) STRICT; COMMIT"),
            Migration("orphan", "CREATE TABLE c (x INTEGER) STRICT; INSERT INTO b VALUES (99)"),
        ]
    )
    func atomic(bad: Migration) throws {
        let store = try Store(scratch.settings)
        try store.migrate([Self.first])
        #expect(throws: StoreError.self) { try store.migrate([Self.first, Self.second, bad]) }
        let tables = try store.read { db in
            try db.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") { $0.text(0) }
        }
        #expect(tables == ["a", "schema_migration"])
        #expect(try store.migrate([Self.first, Self.second]) == ["second"])
        #expect(try store.check() == [])
    }

    @Test("may rebuild a table that others point at")
    func rebuild() throws {
        let store = try Store(scratch.settings)
        try store.migrate([Self.first, Self.second])
        try store.writeBlocking { db in try db.run("INSERT INTO b VALUES (1)") }
        let rebuild = Migration(
            "rebuild",
            """
            CREATE TABLE new_a (id INTEGER PRIMARY KEY, name TEXT) STRICT;
            INSERT INTO new_a (id) SELECT id FROM a;
            DROP TABLE a;
            ALTER TABLE new_a RENAME TO a;
            """
        )
        #expect(try store.migrate([Self.first, Self.second, rebuild]) == ["rebuild"])
        #expect(throws: StoreError.constraint(.foreignKey, message: "FOREIGN KEY constraint failed")) {
            try store.writeBlocking { db in try db.run("INSERT INTO b VALUES (2)") }
        }
    }
}
