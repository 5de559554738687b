import Logging
import Outbound
import Web

/// What Stripe answered instead of what was asked for (docs.stripe.com/api/errors).
struct StripeError: Error, Sendable {
    /// Below 400 where the answer was not what it should be, although it was called a success.
    let status: Int
    let type: String
    let code: String
    let message: String
    /// Why the bank declined a card, in the provider's word: `insufficient_funds`.
    var declineCode = ""
    /// The payment that the refusal is about.
    var paymentIntent: JSONValue?

    /// The same request will never do: a card was declined, or what was named does not exist. Not so a wrong API key
    /// (401, 403), which the operator mends, and what passes by itself (409, 429, 5xx).
    var isFinal: Bool {
        switch status {
        case 401, 403, 408, 409, 429: false
        case 400...499: true
        default: false
        }
    }
}

/// Stripe's API, through a lane of its own: bounded, timed out, retried under the same idempotency key, behind a
/// breaker.
struct StripeClient: Sendable {
    /// The version whose shapes this code was written against.
    static let version = "2026-08-26.dahlia"

    typealias Form = [(String, String)]

    /// How long a call may take, all its attempts together.
    enum Patience: Sendable {
        /// Somebody waits, and nginx with them, for 15 seconds: two calls in a row have to fit.
        case waiting
        /// The outbox, which tries again by itself.
        case background
        /// The provider waits for our acknowledgement: this is tried while it does, or else done a moment later.
        case brief
    }

    /// Sends a request, as often as the policy says.
    typealias Sending = @Sendable (OutboundRequest, RetryPolicy) async throws -> OutboundResponse

    private let base: String
    private let key: String
    private let send: Sending

    init(base: String, key: String, send: @escaping Sending) {
        (self.base, self.key, self.send) = (base, key, send)
    }

    init(lane: Lane, base: String, key: String) {
        self.init(base: base, key: key) { request, retries in try await lane.send(request, retrying: retries) }
    }

    /// - Throws: ``StripeError``, `OutboundError`, as all of these.
    func get(_ path: String, _ query: Form = [], _ patience: Patience = .waiting) async throws -> JSONValue {
        let suffix = query.isEmpty ? "" : "?" + PercentCoding.encode(query)
        return try await call(.get, path + suffix, [], body: nil, patience)
    }

    /// - Parameter idempotencyKey: kept by the caller across tries, so that Stripe acts once.
    func post(
        _ path: String,
        _ form: Form,
        idempotencyKey: String,
        _ patience: Patience = .waiting
    ) async throws -> JSONValue {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Idempotency-Key", idempotencyKey)]
        return try await call(.post, path, headers, body: Array(PercentCoding.encode(form).utf8), patience)
    }

    func delete(_ path: String) async throws {
        _ = try await call(.delete, path, [], body: nil, .waiting)
    }

    /// What a caller is told who needs the provider and finds it down.
    static func unavailable(_ error: any Error) -> Failure {
        let seconds = if case OutboundError.circuitOpen(let seconds) = error { seconds } else { 10 }
        return .unavailable(
            "The payment provider does not answer",
            code: "provider_unavailable",
            retryAfter: max(1, seconds)
        )
    }

    /// What a caller is told whose request was refused, or not answered.
    /// - Parameter code: of a refusal that has none of its own.
    static func failure(_ error: any Error, otherwise code: String, _ app: App) -> Failure {
        if let error = error as? StripeError {
            if error.type == "idempotency_error" {
                return Failure(
                    422,
                    "idempotency_key_reused",
                    "This Idempotency-Key is already used for another request"
                )
            }
            if error.isFinal { return .badRequest(error.message, code: error.code.isEmpty ? code : error.code) }
        }
        app.log.warning("the provider did not do what was asked", metadata: ["error": "\(error)"])
        return unavailable(error)
    }

    /// - Throws: ``Failure`` 503.
    static func require(_ app: App) throws -> StripeClient {
        guard let stripe = app.stripe else {
            throw Failure.unavailable("Payments are not configured", code: "payments_not_configured", retryAfter: 300)
        }
        return stripe
    }

    private func call(
        _ method: OutboundRequest.Method,
        _ path: String,
        _ headers: [(String, String)],
        body: [UInt8]?,
        _ patience: Patience
    ) async throws -> JSONValue {
        let request = OutboundRequest(
            method,
            base + path,
            headers: [("Authorization", "Bearer \(key)"), ("Stripe-Version", Self.version)] + headers,
            body: body,
            timeout: patience.timeout,
            connectTimeout: .seconds(2)
        )
        let retries = RetryPolicy(attempts: patience == .waiting ? 2 : 1, base: 200, cap: 500)
        let response = try await send(request, retries)
        let answer = try? JSONParser.parse(response.body)
        guard (200...299).contains(response.status), let answer else {
            let error = answer?["error"]
            throw StripeError(
                status: response.status,
                type: error?["type"]?.string ?? "api_error",
                code: error?["code"]?.string ?? "",
                message: error?["message"]?.string ?? "The payment provider gave no reason",
                declineCode: error?["decline_code"]?.string ?? "",
                paymentIntent: error?["payment_intent"]
            )
        }
        return answer
    }
}

extension StripeClient.Patience {
    var timeout: Duration {
        switch self {
        case .waiting: .seconds(3)
        case .background: .seconds(10)
        case .brief: .milliseconds(1500)
        }
    }
}

extension StripeClient {
    /// All pages of a list, newest first, at most so many of 100.
    /// - Throws: ``StripeError`` for an answer that is no list.
    func list(_ path: String, _ query: Form, pagesAtMost: Int = 1000) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        for _ in 0..<pagesAtMost {
            let after = all.last?["id"]?.string.map { [("starting_after", $0)] } ?? []
            let page = try await get(path, query + [("limit", "100")] + after, .background)
            guard case .array(let items)? = page["data"] else {
                throw StripeError(status: 200, type: "api_error", code: "", message: "a list without data")
            }
            all += items
            guard page["has_more"] == .bool(true), !items.isEmpty else { break }
        }
        return all
    }
}

extension StripeError {
    /// There is no such object, or it is none of this account's.
    var isMissing: Bool { status == 404 || code == "resource_missing" }
}

extension JSONValue {
    /// The `id` of an object that Stripe answered.
    /// - Throws: ``StripeError`` for an answer without.
    func requireID() throws -> String {
        guard let id = self["id"]?.string, !id.isEmpty else {
            throw StripeError(
                status: 200,
                type: "api_error",
                code: "",
                message: "The payment provider's answer has no id"
            )
        }
        return id
    }
}
