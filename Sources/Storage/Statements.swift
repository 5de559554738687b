import CSQLite

/// Preparing and running the statements of a connection.
extension Connection {
    /// The statement of a literal, ready to bind.
    @usableFromInline
    func statement(_ sql: StaticString) throws -> Statement {
        guard sql.hasPointerRepresentation else { throw StoreError.misuse("SQL of one character") }
        let key = UInt(bitPattern: sql.utf8Start)
        if let cached = isTrusted ? controls[key] : statements[key] {
            // In use further up the stack (a query inside a query's rows): this use gets one of its own.
            if cached.isBusy { return try prepare(sql, flags: 0) }
            cached.isBusy = true
            return cached
        }
        let made = try prepare(sql, flags: SQLITE_PREPARE_PERSISTENT)
        if isTrusted { controls.insert(made, at: key) } else { statements.insert(made, at: key) }
        return made
    }

    private func prepare(_ sql: StaticString, flags: Int32) throws -> Statement {
        var made: OpaquePointer?
        var tail: UnsafePointer<CChar>?
        let code = sql.utf8Start.withMemoryRebound(to: CChar.self, capacity: sql.utf8CodeUnitCount) {
            sqlite3_prepare_v3(
                handle,
                $0,
                Int32(sql.utf8CodeUnitCount),
                UInt32(flags),
                &made,
                &tail
            )
        }
        guard code == SQLITE_OK else { throw failure() }
        guard let made else { throw StoreError.misuse("No statement in: \(sql)") }
        let statement = Statement(made)
        if let tail, !String(cString: tail).allSatisfy({ $0.isWhitespace || $0 == ";" }) {
            throw StoreError.misuse("More than one statement in: \(sql)")
        }
        return statement
    }

    @usableFromInline
    func requireFit(_ statement: Statement) throws {
        guard let misfit = statement.misfit else { return }
        statement.reset()
        throw misfit
    }

    @usableFromInline
    func requireMatch(_ statement: Statement) throws {
        if let mismatch = statement.mismatch { throw mismatch }
    }

    /// - Returns: whether there is a row.
    @usableFromInline
    func step(_ statement: Statement) throws -> Bool {
        let code = sqlite3_step(statement.handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw failure() }
        return false
    }

    @usableFromInline
    func finish(_ statement: Statement) throws -> Int {
        while try step(statement) {}
        return statement.isReadOnly ? 0 : Int(sqlite3_changes64(handle))
    }

    @usableFromInline
    var lastInsertID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Runs one of the store's own statements: `BEGIN`, `COMMIT`, `SAVEPOINT`, …
    @usableFromInline
    func control(_ sql: StaticString) throws {
        try trusted {
            let statement = try statement(sql)
            defer { statement.reset() }
            _ = try finish(statement)
        }
    }
}
