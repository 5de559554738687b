/// A string of `min` to `max` Unicode scalars without control characters (Unicode's category Cc) other than tab,
/// line feed and carriage return.
public struct Text<let min: Int, let max: Int>: Codable, Sendable, Equatable {
    public let value: String

    /// Nil when the length or a character is out of bounds.
    public init?(_ value: String) {
        guard Self.fault(in: value) == nil else { return nil }
        self.value = value
    }

    public init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(String.self)
        if let fault = Self.fault(in: value) { throw ValueFault(fault) }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    private static func fault(in value: String) -> String? {
        let length = value.unicodeScalars.count
        if length < min { return min == 1 ? "must not be empty" : "must be at least \(min) characters long" }
        if length > max { return "must be at most \(max) characters long" }
        let printable = value.unicodeScalars.allSatisfy {
            $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) || $0 == "\t" || $0 == "\n" || $0 == "\r"
        }
        return printable ? nil : "holds a control character"
    }
}

/// A whole number from `min` to `max`.
public struct Whole<let min: Int, let max: Int>: Codable, Sendable, Equatable {
    public let value: Int64

    public init?(_ value: Int64) {
        guard value >= min, value <= max else { return nil }
        self.value = value
    }

    public init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Int64.self)
        guard value >= min, value <= max else { throw ValueFault("must be from \(min) to \(max)") }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// An optional that is written as `null` rather than left out.
public struct Nullable<Value: Codable & Sendable>: Codable, Sendable {
    public let value: Value?

    public init(_ value: Value?) {
        self.value = value
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        value = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// No input, or no answer beyond the status.
public struct Empty: Codable, Sendable {
    public init() {}
}

/// Any JSON, decoded later by the endpoint itself: the items of a batch, each good or bad on its own.
public struct AnyJSON: Codable, Sendable {
    public let value: JSONValue

    public init(_ value: JSONValue) {
        self.value = value
    }

    public init(from decoder: any Decoder) throws {
        guard let value = InputDecoder.value(of: decoder) else { throw ValueFault("must be JSON") }
        self.value = value
    }

    public func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
    }
}
