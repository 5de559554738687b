/// HTML text.
public enum HTML {
    /// For text and for attributes in quotes.
    public static func escape(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

/// A page for a browser.
public struct HTMLPage: Output {
    public static var status: Int { 200 }
    public static var contentType: String { "text/html" }
    public static var schema: Schema { String.schema }

    private let text: String
    private let headers: [Header]

    /// - Parameter headers: its Content-Security-Policy among them; without one, browsers load and run nothing.
    public init(_ text: String, headers: [Header] = []) {
        (self.text, self.headers) = (text, headers)
    }

    public func response() throws -> Response {
        Response(contentType: Self.contentType, headers: headers, body: .bytes(Array(text.utf8)))
    }
}
