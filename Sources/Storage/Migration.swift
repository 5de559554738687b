import CSQLite
import Crypto
import Glibc

/// One step of a schema. Once released it is never edited: its digest is in every database.
public struct Migration: Sendable {
    public let name: String
    public let sql: String

    /// - Parameter sql: statements, without a transaction of their own.
    public init(_ name: StaticString, _ sql: StaticString) {
        self.name = name.description
        self.sql = sql.description
    }

    var digest: [UInt8] { SHA256.digest(Array(sql.utf8)) }
}

extension Connection {
    /// Brings the schema up to date in one transaction, which reads what was applied before it applies the rest.
    /// - Returns: the names of those applied now.
    /// - Throws: ``StoreError/editedMigration(name:)``, ``StoreError/newerSchema(name:)``, or what a step failed with;
    ///   then nothing has changed.
    func migrate(_ migrations: [Migration]) throws -> [String] {
        // Rebuilding a table that others point at needs this off, and it cannot be turned inside a transaction.
        try trusted { try execute("PRAGMA foreign_keys = OFF") }
        defer { try? trusted { try execute("PRAGMA foreign_keys = ON") } }
        try control("BEGIN IMMEDIATE")
        do {
            let applied = try apply(migrations)
            try control("COMMIT")
            return applied
        } catch {
            if isInTransaction { try? control("ROLLBACK") }
            throw error
        }
    }

    private func apply(_ migrations: [Migration]) throws -> [String] {
        let done = try applied()
        for (position, record) in done.enumerated() {
            guard position < migrations.count else { throw StoreError.newerSchema(name: record.name) }
            let migration = migrations[position]
            guard record.name == migration.name, record.digest == migration.digest else {
                throw StoreError.editedMigration(name: record.name)
            }
        }
        let wanted = migrations.dropFirst(done.count)
        if wanted.isEmpty { return [] }
        for migration in wanted {
            isMigrating = true
            defer { isMigrating = false }
            try execute(migration.sql)
            guard isInTransaction else { throw StoreError.misuse("\(migration.name) ended the transaction.") }
            try Database(self).run(
                "INSERT INTO schema_migration (name, sha256, applied_at) VALUES (?, ?, ?)",
                migration.name,
                migration.digest,
                Int64(time(nil)) * 1_000
            )
        }
        // Foreign keys were off: hold the result to them.
        if let orphan = try texts("PRAGMA foreign_key_check").first {
            throw StoreError.constraint(
                .foreignKey,
                message: "A migration leaves rows that point at nothing: \(orphan)"
            )
        }
        try trusted { try execute("PRAGMA user_version = \(migrations.count)") }
        return wanted.map(\.name)
    }

    private func applied() throws -> [(name: String, digest: [UInt8])] {
        try execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
                applied_at INTEGER NOT NULL
            ) STRICT
            """
        )
        return try Database(self).all("SELECT name, sha256 FROM schema_migration ORDER BY id") { row in
            (row.text(0), row.blob(1))
        }
    }
}
