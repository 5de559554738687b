/// A connection, lent to the body of one read or one write. It cannot be copied, so it cannot outlive it.
///
/// SQL is a literal, prepared once per connection. Values take the place of each `?`, in order and in full.
/// Each of these throws ``StoreError``.
public struct Database: ~Copyable {
    @usableFromInline let connection: Connection

    @usableFromInline
    init(_ connection: Connection) {
        self.connection = connection
    }

    /// Runs a statement to its end.
    /// - Returns: the rows it inserted, updated or deleted.
    @inlinable
    @discardableResult
    public borrowing func run<each Value: Bindable>(
        _ sql: StaticString,
        _ values: repeat each Value
    ) throws -> Int {
        let statement = try bound(sql, repeat each values)
        defer { statement.reset() }
        return try connection.finish(statement)
    }

    /// The first row, or nil when there is none.
    @inlinable
    public borrowing func first<Result, each Value: Bindable>(
        _ sql: StaticString,
        _ values: repeat each Value,
        as row: (borrowing Row) throws -> Result
    ) throws -> Result? {
        let statement = try bound(sql, repeat each values)
        defer { statement.reset() }
        guard try connection.step(statement) else { return nil }
        let result = try row(Row(statement))
        try connection.requireMatch(statement)
        return result
    }

    /// Every row. For as many as fit in memory; ``each(_:_:do:)`` streams.
    @inlinable
    public borrowing func all<Result, each Value: Bindable>(
        _ sql: StaticString,
        _ values: repeat each Value,
        as row: (borrowing Row) throws -> Result
    ) throws -> [Result] {
        let statement = try bound(sql, repeat each values)
        defer { statement.reset() }
        var results: [Result] = []
        while try connection.step(statement) {
            results.append(try row(Row(statement)))
            try connection.requireMatch(statement)
        }
        return results
    }

    /// Row by row, until `row` answers false.
    @inlinable
    public borrowing func each<each Value: Bindable>(
        _ sql: StaticString,
        _ values: repeat each Value,
        do row: (borrowing Row) throws -> Bool
    ) throws {
        let statement = try bound(sql, repeat each values)
        defer { statement.reset() }
        while try connection.step(statement) {
            let goesOn = try row(Row(statement))
            try connection.requireMatch(statement)
            if !goesOn { return }
        }
    }

    /// The first column of the first row; nil when there is no row, or NULL in it.
    @inlinable
    public borrowing func value<Result: Column, each Value: Bindable>(
        _ sql: StaticString,
        _ values: repeat each Value
    ) throws -> Result? {
        let statement = try bound(sql, repeat each values)
        defer { statement.reset() }
        guard try connection.step(statement) else { return nil }
        let result = Result?(in: Row(statement), at: 0)
        try connection.requireMatch(statement)
        return result
    }

    /// The rowid of the last row inserted on this connection.
    public var lastInsertID: Int64 { connection.lastInsertID }

    @inlinable
    borrowing func bound<each Value: Bindable>(_ sql: StaticString, _ values: repeat each Value) throws -> Statement {
        let statement = try connection.statement(sql)
        let parameter = Parameter(statement)
        repeat (each values).bind(to: parameter)
        try connection.requireFit(statement)
        return statement
    }
}
