import Web

/// Which callers a route takes. Any other kind is 401, on a route for operators 403.
enum Access: Sendable, Equatable {
    case open
    /// Anyone. Who has a member's cookie is known by it; unsafe methods only from our own pages.
    case visitor
    /// `Authorization: Bearer` or `X-API-Key`, with this scope.
    case key(Scope)
    /// A key of a customer's app, with this scope; the call counts against the app's and the plan's limits.
    case appKey(Scope)
    /// A key of a site operator.
    case operatorKey
    /// `api_key` in the JSON body, as machine clients send it, with this scope.
    case bodyKey(Scope)
    /// A member's cookie; unsafe methods only from our own pages.
    case session(Permission)
    /// A member's cookie, or the ID token of a configured issuer as `Authorization: Bearer`.
    case person(Permission)
    /// The cookie of a site operator.
    case operatorSession
    /// A provider that signs what it sends.
    case signed(Signer)
    /// The control socket, never the network.
    case shell

    enum Signer: Sendable { case stripe, github }

    var takesKey: Bool {
        switch self {
        case .key, .appKey, .bodyKey, .operatorKey: true
        default: false
        }
    }

    /// Whether letting the caller in has counted the call already.
    var takesCall: Bool {
        if case .appKey = self { true } else { false }
    }

    var takesCookie: Bool {
        switch self {
        case .visitor, .session, .person, .operatorSession: true
        default: false
        }
    }

    /// Whether pages of other origins may ask (contract, common rules): never where a cookie speaks for somebody.
    var isShared: Bool { !takesCookie && self != .shell }

    /// As `purser routes` prints it: `session(view)`, `key(usage:write)`.
    var text: String {
        switch self {
        case .key(let scope): "key(\(scope.rawValue))"
        case .appKey(let scope): "appKey(\(scope.rawValue))"
        case .bodyKey(let scope): "bodyKey(\(scope.rawValue))"
        case .session(let permission): "session(\(permission))"
        case .person(let permission): "person(\(permission))"
        case .signed(let signer): "signed(\(signer))"
        case .open, .visitor, .operatorKey, .operatorSession, .shell: "\(self)"
        }
    }
}

/// How often one caller may come; the quotas are settings.
enum LimitClass: Int, Sendable, CaseIterable {
    case none, read, write, ingest, credential, payment, webhook
}

/// The category in which an account sees its calls counted.
enum Category: String, Sendable, CaseIterable {
    case none, account, analytics, billing, referrals, support, usage, webhooks
}

/// What decodes into an endpoint's input: fields of path, query and body, or bytes that only a signature vouches for.
enum RequestContent: Sendable {
    case fields(JSONValue)
    case bytes([UInt8])
}

/// The raw body of a signed delivery.
struct SignedBody: Decodable, Sendable, Documented {
    let bytes: [UInt8]

    /// The provider's own; its fields are not ours to describe.
    static var schema: Schema { .object([]) }
    static var sample: SignedBody { SignedBody(bytes: []) }
}

/// One line of the route table; every fact about an endpoint that is not its business logic.
///
/// An object, since it is handed on a dozen times in each request.
final class Route: Sendable {
    let method: Web.Method
    let path: String
    let name: String
    let access: Access
    let limit: LimitClass
    let category: Category
    /// Bytes; a larger body is 413 and read to its end.
    let bodyLimit: Int
    /// Whether a body may be a form's, too.
    let takesForms: Bool
    let status: Int
    let contentType: String
    let run: @Sendable (RequestContent, Caller, App) async throws -> Response
    /// The answer to development keys, for endpoints that have one.
    let mock: (@Sendable (RequestContent, Caller, Timestamp) throws -> Response)?
    /// How a refusal is worded, where the endpoint's clients need it otherwise.
    let refuse: @Sendable (Failure) -> Failure
    /// What it takes and answers. Found out when somebody asks, not at start: each of the thousand types in them is
    /// looked up among all conformances of the program, which took half of the time to the first answer.
    private let describe: @Sendable () -> (input: Schema, output: Schema)

    var input: Schema { describe().input }
    var output: Schema { describe().output }

    convenience init<E: Endpoint>(
        _ method: Web.Method,
        _ path: String,
        _: E.Type,
        _ access: Access,
        _ limit: LimitClass,
        _ category: Category,
        body: Int = 64 << 10
    ) {
        self.init(method, path, E.self, access, limit, category, body, mock: nil)
    }

    convenience init<E: Mocked>(
        _ method: Web.Method,
        _ path: String,
        _: E.Type,
        _ access: Access,
        _ limit: LimitClass,
        _ category: Category,
        body: Int = 64 << 10
    ) {
        self.init(method, path, E.self, access, limit, category, body) { content, caller, now in
            try E.mock(try Self.decode(content), by: caller, at: now).response()
        }
    }

    private init<E: Endpoint>(
        _ method: Web.Method,
        _ path: String,
        _: E.Type,
        _ access: Access,
        _ limit: LimitClass,
        _ category: Category,
        _ bodyLimit: Int,
        mock: (@Sendable (RequestContent, Caller, Timestamp) throws -> Response)?
    ) {
        (self.method, self.path, self.name) = (method, path, String(describing: E.self))
        (self.access, self.limit, self.category, self.bodyLimit) = (access, limit, category, bodyLimit)
        (self.takesForms, self.status, self.contentType) = (E.takesForms, E.Answer.status, E.Answer.contentType)
        self.describe = { (.probing(E.Input.self), E.Answer.schema) }
        self.mock = mock
        self.refuse = E.refuse
        self.run = { content, caller, app in
            try await E.handle(try Self.decode(content), by: caller, in: app).response()
        }
    }

    /// What its calls are counted under: `GET /analytics/usage`.
    var operationName: String { "\(method.rawValue) \(path)" }

    private static func decode<Input: Decodable>(_ content: RequestContent) throws -> Input {
        switch content {
        case .bytes(let bytes):
            guard let body = SignedBody(bytes: bytes) as? Input else { throw Failure.badRequest("Bad request") }
            return body
        case .fields(let fields):
            do {
                return try InputDecoder.decode(Input.self, from: fields)
            } catch let fault as FieldFault {
                throw Failure.invalid(fault.field, fault.message)
            }
        }
    }
}

extension Route {
    var operation: Operation {
        let (input, output) = describe()
        let security: Operation.Security =
            switch access {
            case .open, .visitor, .shell: .none
            case .key, .appKey, .operatorKey: .key
            case .bodyKey: .bodyKey
            case .session, .operatorSession: .session
            case .person: .person
            case .signed: .signature
            }
        return Operation(
            method: method,
            path: path,
            name: name,
            tag: category == .none ? "service" : category.rawValue,
            security: security,
            input: security == .bodyKey ? input.requiring("api_key") : input,
            takesForms: takesForms,
            status: status,
            contentType: contentType,
            output: output
        )
    }
}

extension Schema {
    fileprivate func requiring(_ name: String) -> Schema {
        .object([.init(name, String.schema, isRequired: true)] + properties.filter { $0.name != name })
    }
}
