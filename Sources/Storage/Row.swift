import CSQLite

/// One row of an answer, lent for as long as the closure that reads it runs. Columns count from 0.
///
/// Reading NULL, or another type than the stored one, gives an empty value *and* makes the query throw
/// ``StoreError/mismatch(column:)`` once the closure returns: a wrong figure never leaves the store, and
/// no column read needs a `try`.
public struct Row: ~Copyable {
    let statement: Statement

    @usableFromInline
    init(_ statement: Statement) {
        self.statement = statement
    }

    @inlinable
    public subscript<Value: Column>(_ index: Int) -> Value {
        Value(in: self, at: index)
    }

    public var count: Int { Int(sqlite3_column_count(statement.handle)) }

    public func isNull(_ index: Int) -> Bool {
        sqlite3_column_type(statement.handle, Int32(truncatingIfNeeded: index)) == SQLITE_NULL
    }

    public func int(_ index: Int) -> Int64 {
        let column = Int32(truncatingIfNeeded: index)
        guard sqlite3_column_type(statement.handle, column) == SQLITE_INTEGER else {
            statement.mismatch(at: column)
            return 0
        }
        return sqlite3_column_int64(statement.handle, column)
    }

    /// Bytes that are not UTF-8 come back as replacement characters.
    public func text(_ index: Int) -> String {
        let column = Int32(truncatingIfNeeded: index)
        guard sqlite3_column_type(statement.handle, column) == SQLITE_TEXT,
            let start = sqlite3_column_text(statement.handle, column)
        else {
            statement.mismatch(at: column)
            return ""
        }
        let count = Int(sqlite3_column_bytes(statement.handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    public func blob(_ index: Int) -> [UInt8] {
        let column = Int32(truncatingIfNeeded: index)
        guard sqlite3_column_type(statement.handle, column) == SQLITE_BLOB else {
            statement.mismatch(at: column)
            return []
        }
        // The empty blob has no address.
        guard let start = sqlite3_column_blob(statement.handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement.handle, column))))
    }

    public func optionalInt(_ index: Int) -> Int64? { isNull(index) ? nil : int(index) }
    public func optionalText(_ index: Int) -> String? { isNull(index) ? nil : text(index) }
    public func optionalBlob(_ index: Int) -> [UInt8]? { isNull(index) ? nil : blob(index) }

    /// A value by its raw value, such as the case of an enumeration.
    /// - Throws: ``StoreError/corrupt(_:)`` when no value has the stored one.
    public func raw<Value: RawRepresentable>(_ index: Int) throws -> Value where Value.RawValue: Column {
        let stored: Value.RawValue = self[index]
        if let mismatch = statement.mismatch { throw mismatch }
        guard let value = Value(rawValue: stored) else {
            throw StoreError.corrupt("\(Value.self) has no value \(stored)")
        }
        return value
    }

    public func optionalRaw<Value: RawRepresentable>(_ index: Int) throws -> Value? where Value.RawValue: Column {
        if isNull(index) { return nil }
        let value: Value = try raw(index)
        return value
    }

    /// For a ``Column`` of the caller's own: what is stored is not what it can be.
    public func mismatch(at index: Int) {
        statement.mismatch(at: Int32(truncatingIfNeeded: index))
    }
}
