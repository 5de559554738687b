import Outbound
import Web

/// What Stripe answered instead of what was asked for (docs.stripe.com/api/errors).
struct StripeError: Error, Sendable {
    let status: Int
    let type: String
    let code: String
    let message: String

    /// The card was refused, or what the caller named does not exist: the caller's to mend, not ours.
    var isCallersFault: Bool {
        status == 402 || type == "card_error" || (400...499).contains(status) && status != 401 && status != 429
    }
}

/// Stripe's API, through a lane of its own: bounded, timed out, retried with the same idempotency key, behind a
/// breaker.
struct StripeClient: Sendable {
    /// The version whose shapes this code was written against.
    static let version = "2026-08-26.dahlia"

    typealias Form = [(String, String)]

    private let lane: Lane
    private let base: String
    private let key: String
    private let retries = RetryPolicy(attempts: 3, base: 200, cap: 2000)

    init(lane: Lane, base: String, key: String) {
        (self.lane, self.base, self.key) = (lane, base, key)
    }

    func get(_ path: String, _ query: Form = []) async throws -> JSONValue {
        let suffix = query.isEmpty ? "" : "?" + Self.encode(query)
        return try await call(.get, path + suffix, body: nil, idempotencyKey: nil)
    }

    /// - Parameter idempotencyKey: kept by the caller across tries, so that Stripe acts once.
    /// - Throws: ``StripeError``, ``OutboundError``.
    func post(_ path: String, _ form: Form, idempotencyKey: String) async throws -> JSONValue {
        try await call(.post, path, body: Array(Self.encode(form).utf8), idempotencyKey: idempotencyKey)
    }

    private func call(
        _ method: OutboundRequest.Method,
        _ path: String,
        body: [UInt8]?,
        idempotencyKey: String?
    ) async throws -> JSONValue {
        var headers = [("Authorization", "Bearer \(key)"), ("Stripe-Version", Self.version)]
        if body != nil { headers.append(("Content-Type", "application/x-www-form-urlencoded")) }
        if let idempotencyKey { headers.append(("Idempotency-Key", idempotencyKey)) }
        let request = OutboundRequest(
            method,
            base + path,
            headers: headers,
            body: body,
            timeout: .seconds(8),
            connectTimeout: .seconds(3)
        )
        let response = try await lane.send(request, retrying: retries)
        let answer = try? JSONParser.parse(response.body)
        guard (200...299).contains(response.status), let answer else {
            let error = answer?["error"]
            throw StripeError(
                status: response.status,
                type: error?["type"]?.string ?? "api_error",
                code: error?["code"]?.string ?? "",
                message: error?["message"]?.string ?? "The payment provider gave no reason"
            )
        }
        return answer
    }

    /// `a[b]=c`, percent-encoded.
    static func encode(_ form: Form) -> String {
        form.map { "\(escape($0.0))=\(escape($0.1))" }.joined(separator: "&")
    }

    static func escape(_ text: String) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                out.append(byte)
            default:
                out.append(UInt8(ascii: "%"))
                out += Array((byte < 16 ? "0" : "").utf8) + Array(String(byte, radix: 16, uppercase: true).utf8)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
