/// Writes the members of one object, for the few answers that are given ten thousand times a second: asking `Codable`
/// for the same takes three microseconds more. The names must be those of the type's `CodingKeys`; a test compares the
/// two.
public struct JSONMembers {
    private var isFirst = true

    public init() {}

    private mutating func name(_ name: StaticString, _ out: inout [UInt8]) {
        out.append(isFirst ? UInt8(ascii: "{") : UInt8(ascii: ","))
        out.append(UInt8(ascii: "\""))
        isFirst = false
        JSONEncoding.write(name, into: &out)
        JSONEncoding.write("\":", into: &out)
    }

    public mutating func add(_ name: StaticString, _ value: Bool, into out: inout [UInt8]) {
        self.name(name, &out)
        JSONEncoding.write(value ? "true" : "false", into: &out)
    }

    public mutating func add(_ name: StaticString, _ value: String, into out: inout [UInt8]) {
        self.name(name, &out)
        JSONEncoding.write(string: value, into: &out)
    }

    public mutating func add(_ name: StaticString, _ value: Int64, into out: inout [UInt8]) {
        self.name(name, &out)
        JSONEncoding.write(integer: value, into: &out)
    }

    public mutating func add(_ name: StaticString, _ value: some JSONEncoding.Literal, into out: inout [UInt8]) {
        self.name(name, &out)
        value.writeJSON(into: &out)
    }

    /// `null` is written.
    public mutating func add(_ name: StaticString, _ value: Nullable<Int64>, into out: inout [UInt8]) {
        self.name(name, &out)
        if let number = value.value {
            JSONEncoding.write(integer: number, into: &out)
        } else {
            JSONEncoding.write("null", into: &out)
        }
    }

    /// `null` is written.
    public mutating func add(_ name: StaticString, _ value: Nullable<String>, into out: inout [UInt8]) {
        self.name(name, &out)
        if let text = value.value {
            JSONEncoding.write(string: text, into: &out)
        } else {
            JSONEncoding.write("null", into: &out)
        }
    }

    public func end(into out: inout [UInt8]) {
        if isFirst { JSONEncoding.write("{}", into: &out) } else { out.append(UInt8(ascii: "}")) }
    }
}
