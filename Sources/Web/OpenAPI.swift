/// One row of the route table as OpenAPI describes it.
public struct Operation: Sendable {
    public enum Security: Sendable {
        case none, key, bodyKey, session, signature
        /// A session, or an ID token as bearer.
        case person
    }

    public var method: Method
    public var path: String
    /// The endpoint's type name, such as `CreatePayment`.
    public var name: String
    public var tag: String
    public var security: Security
    public var input: Schema
    /// Whether a form may stand in the place of JSON.
    public var takesForms: Bool
    public var status: Int
    public var contentType: String
    public var output: Schema

    public init(
        method: Method,
        path: String,
        name: String,
        tag: String,
        security: Security,
        input: Schema,
        takesForms: Bool = false,
        status: Int,
        contentType: String,
        output: Schema
    ) {
        (self.method, self.path, self.name, self.tag, self.security) = (method, path, name, tag, security)
        (self.input, self.takesForms) = (input, takesForms)
        (self.status, self.contentType, self.output) = (status, contentType, output)
    }
}

/// The OpenAPI 3.1 document of a route table.
public enum OpenAPI {
    public static func document(
        title: String,
        version: String,
        server: String,
        _ operations: [Operation],
        _ events: [OutgoingEvent] = []
    ) -> JSONValue {
        var paths: [JSONValue.Member] = []
        for path in operations.map(\.path).reduce(into: [String](), { if !$0.contains($1) { $0.append($1) } }) {
            let methods = operations.filter { $0.path == path }
            paths.append(.init(path, .object(methods.map { .init($0.method.rawValue.lowercased(), $0.json) })))
        }
        return .object([
            .init("openapi", .string("3.1.0")),
            .init("info", .object([.init("title", .string(title)), .init("version", .string(version))])),
            .init("servers", .array([.object([.init("url", .string(server))])])),
            .init("paths", .object(paths)),
            .init("webhooks", .object(events.map { .init($0.name, .object([.init("post", $0.json)])) })),
            .init("components", components),
        ])
    }

    private static var components: JSONValue {
        func scheme(_ members: [(String, String)]) -> JSONValue {
            .object(members.map { .init($0.0, .string($0.1)) })
        }
        return .object([
            .init("schemas", .object([.init("Problem", problem.json)])),
            .init(
                "securitySchemes",
                .object([
                    .init("bearer", scheme([("type", "http"), ("scheme", "bearer")])),
                    .init("apiKey", scheme([("type", "apiKey"), ("in", "header"), ("name", "X-API-Key")])),
                    .init("session", scheme([("type", "apiKey"), ("in", "cookie"), ("name", "session_token")])),
                    .init("idToken", scheme([("type", "http"), ("scheme", "bearer"), ("bearerFormat", "JWT")])),
                ])
            ),
        ])
    }

    private static var problem: Schema {
        let fault = Schema.object([
            .init("field", String.schema, isRequired: true), .init("message", String.schema, isRequired: true),
        ])
        let texts = ["type", "title", "detail", "error", "code", "request_id"]
        return .object(
            [.init("status", Int.schema, isRequired: true)]
                + texts.map { .init($0, String.schema, isRequired: true) }
                + [.init("errors", .array(fault, max: nil), isRequired: false)]
        )
    }
}

extension Operation {
    private var pathNames: [String] {
        path.split(separator: "/").compactMap { RouteTrie<Int>.parameterName(String($0)) }
    }

    /// `CreatePayment` as "Create payment".
    private var summary: String {
        var words = ""
        for character in name {
            if character.isUppercase, !words.isEmpty {
                words += " " + character.lowercased()
            } else {
                words.append(character)
            }
        }
        return words
    }

    /// Unique, because an endpoint may be mounted on several paths.
    private var identifier: String {
        method.rawValue.lowercased()
            + path.split { !$0.isLetter && !$0.isNumber }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    fileprivate var json: JSONValue {
        let inBody = method != .get && method != .delete
        let named = input.properties.filter { pathNames.contains($0.name) }
        let rest = input.properties.filter { !pathNames.contains($0.name) }
        var parameters = pathNames.map { name in
            parameter(name, "path", named.first { $0.name == name }?.schema ?? String.schema, isRequired: true)
        }
        if !inBody { parameters += rest.map { parameter($0.name, "query", $0.schema, isRequired: $0.isRequired) } }
        var members: [JSONValue.Member] = [
            .init("operationId", .string(identifier)),
            .init("summary", .string(summary)),
            .init("tags", .array([.string(tag)])),
            .init("parameters", .array(parameters)),
        ]
        if inBody, !rest.isEmpty {
            let types = ["application/json"] + (takesForms ? ["application/x-www-form-urlencoded"] : [])
            members.append(.init("requestBody", Self.content(types, .object(rest), isRequired: true)))
        }
        members.append(.init("responses", responses))
        members.append(.init("security", requirement))
        return .object(members)
    }

    private func parameter(_ name: String, _ place: String, _ schema: Schema, isRequired: Bool) -> JSONValue {
        .object([
            .init("name", .string(name)), .init("in", .string(place)), .init("required", .bool(isRequired)),
            .init("schema", schema.json),
        ])
    }

    private static func content(_ types: [String], _ schema: Schema, isRequired: Bool) -> JSONValue {
        .object([
            .init("required", .bool(isRequired)),
            .init("content", .object(types.map { .init($0, .object([.init("schema", schema.json)])) })),
        ])
    }

    private var responses: JSONValue {
        let reference = JSONValue.object([.init("$ref", .string("#/components/schemas/Problem"))])
        let problem = JSONValue.object([
            .init("description", .string("The request failed; `detail` says why.")),
            .init("content", .object([.init("application/problem+json", .object([.init("schema", reference)]))])),
        ])
        let success = JSONValue.object([
            .init("description", .string("\(Reason.phrase(status))")),
            .init("content", .object([.init(contentType, .object([.init("schema", output.json)]))])),
        ])
        return .object([.init("\(status)", success), .init("default", problem)])
    }

    private var requirement: JSONValue {
        func scheme(_ name: String) -> JSONValue { .object([.init(name, .array([]))]) }
        return switch security {
        case .none, .bodyKey, .signature: .array([])
        case .key: .array([scheme("bearer"), scheme("apiKey")])
        case .session: .array([scheme("session")])
        case .person: .array([scheme("session"), scheme("idToken")])
        }
    }
}
