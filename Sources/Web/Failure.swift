/// What an endpoint throws when the caller must be told something: a status, a code for programs and a
/// sentence for people. Anything else that is thrown is a 500 and is never shown.
public struct Failure: Error, Sendable {
    public struct Field: Sendable, Equatable {
        public let field: String
        public let message: String
    }

    public let status: Int
    public let code: String
    public let detail: String
    public var fields: [Field] = []
    /// Members beside the standard ones, for answers that clients read besides the error.
    public var members: [JSONValue.Member] = []
    public var headers: [Header] = []

    public init(_ status: Int, _ code: String, _ detail: String) {
        (self.status, self.code, self.detail) = (status, code, detail)
    }

    public static func badRequest(_ detail: String, code: String = "invalid_request") -> Failure {
        Failure(400, code, detail)
    }

    public static func invalid(_ field: String, _ message: String) -> Failure {
        var failure = Failure(400, "invalid_field", field.isEmpty ? "The body \(message)." : "\(field) \(message)")
        failure.fields = [Field(field: field, message: message)]
        return failure
    }

    public static func unauthorized(_ detail: String, code: String = "unauthorized") -> Failure {
        Failure(401, code, detail)
    }

    public static func forbidden(_ detail: String, code: String = "forbidden") -> Failure {
        Failure(403, code, detail)
    }

    public static func notFound(_ detail: String = "Not found") -> Failure {
        Failure(404, "not_found", detail)
    }

    public static func conflict(_ detail: String, code: String = "conflict") -> Failure {
        Failure(409, code, detail)
    }

    /// 503 with `Retry-After` in seconds (RFC 9110, section 10.2.3).
    public static func unavailable(_ detail: String, code: String = "unavailable", retryAfter: Int = 2) -> Failure {
        Failure(503, code, detail).adding(.init("Retry-After", "\(retryAfter)"))
    }

    public func adding(_ header: Header) -> Failure {
        var copy = self
        copy.headers.append(header)
        return copy
    }

    public func adding(_ members: JSONValue.Member...) -> Failure {
        var copy = self
        copy.members += members
        return copy
    }

    /// The answer: RFC 9457's members plus `error`, `code` and `request_id`, which older clients read.
    public func response(requestID: String) -> Response {
        var body: [JSONValue.Member] = [
            .init("type", .string("about:blank")),
            .init("title", .string("\(Reason.phrase(status))")),
            .init("status", .integer(Int64(status))),
            .init("detail", .string(detail)),
            .init("error", .string(detail)),
            .init("code", .string(code)),
            .init("request_id", .string(requestID)),
        ]
        if !fields.isEmpty {
            let list = fields.map {
                JSONValue.object([.init("field", .string($0.field)), .init("message", .string($0.message))])
            }
            body.append(.init("errors", .array(list)))
        }
        body += members
        return Response(
            status: status,
            contentType: "application/problem+json",
            headers: headers,
            body: .bytes(JSONEncoding.bytes(of: .object(body)))
        )
    }
}

/// The standard reason phrases (RFC 9110, section 15; RFC 6585).
public enum Reason {
    public static func phrase(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 302: "Found"
        case 303: "See Other"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Error"
        }
    }
}
