/// Something that this server tells others by posting to them, as OpenAPI's `webhooks` describe it.
public struct OutgoingEvent: Sendable {
    public let name: String
    public let about: String
    /// Of the payload's shape.
    public let version: Int
    /// Of the whole body.
    public let body: Schema

    public init(name: String, about: String, version: Int, body: Schema) {
        (self.name, self.about, self.version, self.body) = (name, about, version, body)
    }

    /// The headers of Standard Webhooks 1.0.0, and that of older receivers.
    private static let headers = [
        ("webhook-id", "The message's id: the same in every attempt, so that a receiver acts once."),
        ("webhook-timestamp", "The attempt's Unix seconds."),
        (
            "webhook-signature",
            """
            `v1,` and base 64 of HMAC-SHA256 over `id.timestamp.body`; several after a rotation. The key is the bytes \
            that the secret holds in base 64 after `whsec_`.
            """
        ),
        (
            "X-Webhook-Signature",
            "Hexadecimal HMAC-SHA256 over the body. The key is the text of the secret as it was shown, `whsec_` too."
        ),
    ]

    var json: JSONValue {
        let parameters = Self.headers.map { name, about in
            JSONValue.object([
                .init("name", .string(name)), .init("in", .string("header")), .init("required", .bool(true)),
                .init("description", .string(about)), .init("schema", String.schema.json),
            ])
        }
        let content = JSONValue.object([.init("application/json", .object([.init("schema", body.json)]))])
        let taken = JSONValue.object([
            .init("description", .string("Taken. Anything else is tried again for three days; 410 ends it."))
        ])
        return .object([
            .init("operationId", .string("on" + name.split { $0 == "." || $0 == "_" }.map(Self.capitalised).joined())),
            .init("summary", .string(about)),
            .init("description", .string("Version \(version) of its payload, which `version` in the body tells.")),
            .init("x-payload-version", .integer(Int64(version))),
            .init("parameters", .array(parameters)),
            .init("requestBody", .object([.init("required", .bool(true)), .init("content", content)])),
            .init("responses", .object([.init("2XX", taken)])),
            .init("security", .array([])),
        ])
    }

    private static func capitalised(_ word: Substring) -> String {
        word.prefix(1).uppercased() + word.dropFirst().lowercased()
    }
}
