import CSQLite

/// A prepared statement of one connection.
@usableFromInline
final class Statement {
    @usableFromInline let handle: OpaquePointer
    private let parameters: Int32
    let isReadOnly: Bool
    /// In use further up the stack; then the same SQL gets a second statement.
    var isBusy = true
    /// Values bound since the last reset, and the first error of binding one.
    private var bound: Int32 = 0
    private var failure = SQLITE_OK
    /// The first column of this row that was not what it was read as.
    private var mismatched: Int32?
    private var holdsMuch = false

    init(_ handle: OpaquePointer) {
        self.handle = handle
        parameters = sqlite3_bind_parameter_count(handle)
        isReadOnly = sqlite3_stmt_readonly(handle) != 0
    }

    deinit { sqlite3_finalize(handle) }

    @usableFromInline
    func reset() {
        sqlite3_reset(handle)
        bound = 0
        failure = SQLITE_OK
        mismatched = nil
        // A bound value lives until the next one: nothing to mind for an id, much for a body of megabytes.
        if holdsMuch {
            sqlite3_clear_bindings(handle)
            holdsMuch = false
        }
        isBusy = false
    }

    // MARK: Binding

    func bind(_ value: Int64) {
        bound += 1
        note(sqlite3_bind_int64(handle, bound, value))
    }

    func bind(text: UnsafeBufferPointer<UInt8>) {
        bound += 1
        holdsMuch = holdsMuch || text.count > 4_096
        note(purser_sqlite_bind_text(handle, bound, text.baseAddress, text.count))
    }

    func bind(blob: UnsafeRawBufferPointer) {
        bound += 1
        holdsMuch = holdsMuch || blob.count > 4_096
        note(purser_sqlite_bind_blob(handle, bound, blob.baseAddress, blob.count))
    }

    func bindNull() {
        bound += 1
        note(sqlite3_bind_null(handle, bound))
    }

    private func note(_ code: Int32) {
        if code != SQLITE_OK, failure == SQLITE_OK { failure = code }
    }

    /// Why the bound values do not fit the statement, if they do not.
    var misfit: StoreError? {
        if failure == SQLITE_OK, bound == parameters { return nil }
        if failure == SQLITE_OK || failure == SQLITE_RANGE {
            return .misuse("\(parameters) values wanted, \(bound) given: \(sql)")
        }
        return .sqlite(code: failure & 0xff, extended: failure, message: "A value could not be bound: \(sql)")
    }

    // MARK: Reading

    /// Notes that a column is not of the type it is read as; ``mismatch`` turns it into an error after the row.
    func mismatch(at index: Int32) {
        if mismatched == nil { mismatched = index }
    }

    var mismatch: StoreError? {
        guard let index = mismatched else { return nil }
        let name = sqlite3_column_name(handle, index).map { String(cString: $0) } ?? "column \(index)"
        return .mismatch(column: "\(name) of \(sql)")
    }

    private var sql: String {
        sqlite3_sql(handle).map { String(cString: $0) } ?? ""
    }
}
