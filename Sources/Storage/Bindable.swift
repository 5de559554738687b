/// A value that can stand for a `?` in a statement.
///
/// A type that wraps one of the basic ones conforms by naming it: `extension KeyID: Bindable {}` is enough for a
/// `RawRepresentable`. There is no `Double`: money and time are integers.
public protocol Bindable {
    /// Sets the next parameter, exactly once.
    func bind(to parameter: borrowing Parameter)
}

/// The next `?` of a statement that is being filled.
public struct Parameter: ~Copyable {
    private let statement: Statement

    @usableFromInline
    init(_ statement: Statement) {
        self.statement = statement
    }

    public func set(_ value: Int64) {
        statement.bind(value)
    }

    public func set(_ value: String) {
        var value = value
        value.withUTF8 { statement.bind(text: $0) }
    }

    public func set(_ value: [UInt8]) {
        value.withUnsafeBytes { statement.bind(blob: $0) }
    }

    public func setNull() {
        statement.bindNull()
    }
}

extension Int64: Bindable {
    @inlinable
    public func bind(to parameter: borrowing Parameter) { parameter.set(self) }
}

extension Int: Bindable {
    @inlinable
    public func bind(to parameter: borrowing Parameter) { parameter.set(Int64(self)) }
}

extension Bool: Bindable {
    @inlinable
    public func bind(to parameter: borrowing Parameter) { parameter.set(self ? 1 : 0) }
}

extension String: Bindable {
    @inlinable
    public func bind(to parameter: borrowing Parameter) { parameter.set(self) }
}

extension Array: Bindable where Element == UInt8 {
    @inlinable
    public func bind(to parameter: borrowing Parameter) { parameter.set(self) }
}

extension Optional: Bindable where Wrapped: Bindable {
    @inlinable
    public func bind(to parameter: borrowing Parameter) {
        if let value = self { value.bind(to: parameter) } else { parameter.setNull() }
    }
}

extension Bindable where Self: RawRepresentable, RawValue: Bindable {
    @inlinable
    public func bind(to parameter: borrowing Parameter) { rawValue.bind(to: parameter) }
}
