import Crypto
import Storage
import Web

/// A caller's `Idempotency-Key` on one operation (draft-ietf-httpapi-idempotency-key-header-07).
///
/// The caller is part of it, so that nobody reads another's answer.
struct IdempotencyClaim: Sendable {
    let caller: String
    let operation: String
    let key: String
    /// SHA-256 of path and body: the same key with another request is a mistake of the client's.
    let fingerprint: [UInt8]

    /// Nil without the header, and for callers who stand for nobody.
    /// - Throws: ``Failure`` 400 for a key that is empty, too long or not printable ASCII.
    init?(_ request: some IncomingRequest, _ route: Route, _ caller: Caller, _ content: RequestContent) throws {
        guard route.method == .post || route.method == .patch, caller.kind != .development,
            let header = request.parameter("HTTP_IDEMPOTENCY_KEY")
        else { return nil }
        var text = header[...]
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw Failure.badRequest("The Idempotency-Key must be 1 to 255 printable characters")
        }
        key = String(text)
        self.caller = caller.holder.map { "account:\($0.accountID)" } ?? "address:\(caller.address)"
        operation = "\(route.method.rawValue) \(route.path)"
        var seen = Array((request.parameter("REQUEST_URI") ?? "").utf8)
        switch content {
        case .fields(let fields): seen += try JSONEncoding.bytes(of: fields)
        case .bytes(let bytes): seen += bytes
        }
        fingerprint = SHA256.digest(seen)
    }
}

/// Stored answers of requests that carried an `Idempotency-Key`.
enum IdempotencyKeys {
    /// Answers are kept for this long, then a key may be used again.
    static let keptDays = 3

    struct Stored {
        let fingerprint: [UInt8]
        let status: Int
        let body: [UInt8]

        func response(to claim: IdempotencyClaim) throws -> Response {
            guard fingerprint == claim.fingerprint else {
                throw Failure(422, "idempotency_key_reused", "This Idempotency-Key is already used for another request")
            }
            return Response(status: status, headers: [Header("Idempotent-Replayed", "true")], body: .bytes(body))
        }
    }

    static func find(_ claim: IdempotencyClaim, _ db: borrowing Database) throws -> Stored? {
        try db.first(
            "SELECT fingerprint, status, body FROM idempotency_key WHERE caller = ? AND operation = ? AND key = ?",
            claim.caller,
            claim.operation,
            claim.key
        ) { row in Stored(fingerprint: row.blob(0), status: row[1], body: row.blob(2)) }
    }

    static func insert(
        _ claim: IdempotencyClaim,
        _ response: Response,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard case .bytes(let body) = response.body else { return }
        try db.run(
            """
            INSERT INTO idempotency_key (caller, operation, key, fingerprint, status, body, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            claim.caller,
            claim.operation,
            claim.key,
            claim.fingerprint,
            response.status,
            body,
            now.milliseconds
        )
    }

    static func deleteExpired(at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("DELETE FROM idempotency_key WHERE created_at < ?", now.adding(days: -keptDays).milliseconds)
    }
}
