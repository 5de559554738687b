/// Comma-separated values (RFC 4180) that no spreadsheet takes for formulas.
public enum CSV {
    /// One record with its line break.
    ///
    /// A field that begins as a formula would gets an apostrophe in front (OWASP, CSV injection): names and notes come
    /// from strangers, and the file is opened by somebody who may do more than they. A plain negative number computes
    /// nothing, and stays a number.
    public static func line(_ fields: [String]) -> [UInt8] {
        var out: [UInt8] = []
        for (index, field) in fields.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            write(field, into: &out)
        }
        out += [0x0D, 0x0A]
        return out
    }

    private static func write(_ field: String, into out: inout [UInt8]) {
        let bytes = Array(field.utf8)
        let isFormula = bytes.first.map { "=+-@\t\r\n".utf8.contains($0) } ?? false && !isNegativeNumber(bytes)
        let isQuoted = bytes.contains {
            $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: ",") || $0 == 0x0A || $0 == 0x0D
        }
        if isQuoted { out.append(UInt8(ascii: "\"")) }
        if isFormula { out.append(UInt8(ascii: "'")) }
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { out.append(byte) }
            out.append(byte)
        }
        if isQuoted { out.append(UInt8(ascii: "\"")) }
    }

    /// `-5.00`: digits with at most one point among them.
    private static func isNegativeNumber(_ bytes: [UInt8]) -> Bool {
        let parts = bytes.dropFirst().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return bytes.first == UInt8(ascii: "-") && parts.count <= 2
            && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }
    }
}

/// A file of comma-separated values, written piece by piece; a browser saves it under `name`.
public struct CSVFile: Output {
    public static var status: Int { 200 }
    public static var contentType: String { "text/csv" }
    public static var schema: Schema { String.schema }

    private let name: String
    private let produce: @Sendable (_ write: ([UInt8]) throws -> Void) async throws -> Void

    /// - Parameter name: letters, digits, `-`, `_` and `.` only.
    public init(
        _ name: String,
        _ produce: @escaping @Sendable (_ write: ([UInt8]) throws -> Void) async throws -> Void
    ) {
        (self.name, self.produce) = (name, produce)
    }

    public func response() throws -> Response {
        Response(
            contentType: Self.contentType,
            headers: [Header("Content-Disposition", "attachment; filename=\"\(name)\"")],
            body: .stream(produce)
        )
    }
}
