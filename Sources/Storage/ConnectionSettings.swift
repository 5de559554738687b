import CSQLite

/// A pragma and the value that a connection must have.
struct Pragma {
    let name: StaticString
    let value: Int
}

extension Connection {
    /// Checkpoints cut the log back to this after they have emptied it, in bytes.
    static let walKept = 64 << 20
    /// The longest row, text or blob, in bytes.
    static let longest: Int32 = 8 << 20

    /// What must hold on a connection of this role. Debian's build has other defaults for most of it.
    static func pragmas(_ role: Role, cache: Int) -> [Pragma] {
        var pragmas = [
            // An acknowledged write survives a power cut: the log is synced at every commit.
            Pragma(name: "synchronous", value: 2),
            Pragma(name: "foreign_keys", value: 1),
            // Functions in the schema are the schema's business only.
            Pragma(name: "trusted_schema", value: 0),
            Pragma(name: "cell_size_check", value: 1),
            // An input error under a memory map is a SIGBUS, which ends the process.
            Pragma(name: "mmap_size", value: 0),
            Pragma(name: "temp_store", value: 2),
            // Negative: KiB instead of pages.
            Pragma(name: "cache_size", value: -cache),
            // Only the writer checkpoints, and when it chooses to.
            Pragma(name: "wal_autocheckpoint", value: 0),
        ]
        switch role {
        case .writer:
            pragmas.append(Pragma(name: "journal_size_limit", value: walKept))
            pragmas.append(Pragma(name: "analysis_limit", value: 400))
        case .reader, .inspector:
            pragmas.append(Pragma(name: "query_only", value: 1))
        }
        return pragmas
    }

    /// Sets what must hold, then reads it back.
    /// - Throws: ``StoreError/setting(_:)`` where SQLite keeps to something else.
    func settle(cache: Int) throws {
        for pragma in Self.pragmas(role, cache: cache) {
            try trusted { try execute("PRAGMA \(pragma.name) = \(pragma.value)") }
        }
        for (option, value) in switches { purser_sqlite_db_config(handle, option, value, nil) }
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Self.longest)
        if let deviation = try deviations(cache: cache).first { throw StoreError.setting(deviation) }
    }

    /// A sentence for each setting that is not what it must be.
    func deviations(cache: Int) throws -> [String] {
        var found: [String] = []
        for pragma in Self.pragmas(role, cache: cache) {
            let now = try integer("PRAGMA \(pragma.name)")
            if now != Int64(pragma.value) { found.append("\(pragma.name) is \(now ?? -1), not \(pragma.value)") }
        }
        for (option, value) in switches {
            var now: Int32 = -1
            purser_sqlite_db_config(handle, option, -1, &now)
            if now != value { found.append("switch \(option) is \(now), not \(value)") }
        }
        let longest = sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, -1)
        if longest != Self.longest { found.append("the length limit is \(longest), not \(Self.longest)") }
        let journal = try texts("PRAGMA journal_mode").first ?? ""
        if journal != "wal" { found.append("journal_mode is \(journal), not wal") }
        return found
    }

    private var switches: [(option: Int32, value: Int32)] {
        [
            (SQLITE_DBCONFIG_DEFENSIVE, 1),
            // The last connection to close would checkpoint otherwise, whoever it is.
            (SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, role == .writer ? 0 : 1),
        ]
    }

    /// The first column of the first row of a pragma.
    func integer(_ sql: String) throws -> Int64? {
        try texts(sql).first.flatMap { Int64($0) }
    }

    /// The columns of every row of a pragma, as text, joined by spaces.
    func texts(_ sql: String) throws -> [String] {
        try trusted {
            var made: OpaquePointer?
            guard sqlite3_prepare_v2(handle, sql, -1, &made, nil) == SQLITE_OK, let made else { throw failure() }
            let statement = Statement(made)
            var rows: [String] = []
            while try step(statement) {
                let columns = (0..<sqlite3_column_count(made)).map { column in
                    sqlite3_column_text(made, column).map { String(cString: $0) } ?? "NULL"
                }
                rows.append(columns.joined(separator: " "))
            }
            return rows
        }
    }
}
