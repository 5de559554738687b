import Web

/// The bounds of what callers send about keys.
typealias KeyLabel = Text<1, 100>
typealias KeyQuota = Whole<0, 2_000_000_000>
typealias AppID = Whole<1, 2_000_000_000>

extension KeySettings {
    /// - Throws: ``Failure`` 400.
    static func windows(_ windows: [RateWindow]) throws -> [RateWindow] {
        let lengths = Set(windows.map(\.seconds.value))
        guard windows.count <= RateWindow.most, lengths.count == windows.count else {
            throw Failure.invalid("rate_limits", "must be at most \(RateWindow.most) windows of different lengths")
        }
        return windows
    }

    /// - Throws: ``Failure`` 400.
    static func networks(_ networks: [Network]) throws -> Networks? {
        guard networks.count <= Networks.most else {
            throw Failure.invalid("networks", "must be at most \(Networks.most)")
        }
        return Networks(networks)
    }
}

/// What a request says of something that may be there or not: nothing, `null`, or a value.
enum Change<Value: Codable & Sendable>: Codable, Sendable {
    case none
    case clear
    case set(Value)

    init(from decoder: any Decoder) throws {
        self = try Nullable<Value>(from: decoder).value.map { .set($0) } ?? .clear
    }

    func encode(to encoder: any Encoder) throws {
        if case .set(let value) = self { try Nullable(value).encode(to: encoder) }
    }

    func apply(to current: Value?) -> Value? {
        switch self {
        case .none: current
        case .clear: nil
        case .set(let value): value
        }
    }
}

extension KeyedDecodingContainer {
    /// What synthesised code asks for a ``Change``: absent is no change.
    func decode<Value>(_: Change<Value>.Type, forKey key: Key) throws -> Change<Value> {
        if contains(key), try decodeNil(forKey: key) { return .clear }
        return try decodeIfPresent(Value.self, forKey: key).map { .set($0) } ?? .none
    }
}
