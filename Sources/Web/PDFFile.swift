/// A PDF, which a browser saves under `name`.
public struct PDFFile: Output {
    public static var status: Int { 200 }
    public static var contentType: String { "application/pdf" }
    public static var schema: Schema { .string(min: nil, max: nil, pattern: nil, format: "binary") }

    private let name: String
    private let bytes: [UInt8]

    /// - Parameter name: letters, digits, `-`, `_` and `.` only.
    public init(_ name: String, _ bytes: [UInt8]) {
        (self.name, self.bytes) = (name, bytes)
    }

    public func response() throws -> Response {
        Response(
            contentType: Self.contentType,
            headers: [Header("Content-Disposition", "attachment; filename=\"\(name)\"")],
            body: .bytes(bytes)
        )
    }
}
