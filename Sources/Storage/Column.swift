/// A value that can be read from a column.
public protocol Column {
    init(in row: borrowing Row, at index: Int)
}

extension Int64: Column {
    @inlinable
    public init(in row: borrowing Row, at index: Int) { self = row.int(index) }
}

extension Int: Column {
    @inlinable
    public init(in row: borrowing Row, at index: Int) { self = Int(row.int(index)) }
}

extension Bool: Column {
    @inlinable
    public init(in row: borrowing Row, at index: Int) { self = row.int(index) != 0 }
}

extension String: Column {
    @inlinable
    public init(in row: borrowing Row, at index: Int) { self = row.text(index) }
}

extension Array: Column where Element == UInt8 {
    @inlinable
    public init(in row: borrowing Row, at index: Int) { self = row.blob(index) }
}

extension Optional: Column where Wrapped: Column {
    @inlinable
    public init(in row: borrowing Row, at index: Int) {
        self = row.isNull(index) ? nil : Wrapped(in: row, at: index)
    }
}
