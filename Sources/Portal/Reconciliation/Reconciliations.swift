import Storage
import Web

/// How far the provider's lists were read, and what did not agree. Every statement on `reconciliation` is here.
enum Reconciliations {
    enum Name: String, Sendable { case events, books }

    struct Run: Sendable {
        /// Seconds up to which events were read.
        let cursor: String
        let ranAt: Timestamp
        /// JSON.
        let report: String
    }

    static func find(_ name: Name, _ db: borrowing Database) throws -> Run? {
        try db.first("SELECT cursor, ran_at, report FROM reconciliation WHERE name = ?", name.rawValue) { row in
            Run(cursor: row[0], ranAt: Timestamp(milliseconds: row[1]), report: row[2])
        }
    }

    static func put(_ name: Name, _ run: Run, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO reconciliation (name, cursor, ran_at, report) VALUES (?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor, ran_at = excluded.ran_at,
                report = excluded.report
            """,
            name.rawValue,
            run.cursor,
            run.ranAt.milliseconds,
            run.report
        )
    }
}
