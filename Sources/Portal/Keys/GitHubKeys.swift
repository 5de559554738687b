import Crypto
import Outbound
import Synchronization
import Web

/// The keys that GitHub's secret scanning signs with, fetched when they are first needed, once a day, and when an
/// unknown one is named, but at most once a minute
/// (docs.github.com: Secret scanning partner program, "Implement signature verification").
final class GitHubKeys: Sendable {
    static let microsecondsBetweenFetches: Int64 = 60_000_000
    static let microsecondsKept: Int64 = 86_400_000_000

    private struct State {
        var keys: [String: PublicKey] = [:]
        var fetchedAt: Int64?
        var triedAt: Int64?
        /// The last time nothing could be had.
        var hasFailed = false
        /// Under way: whoever needs it too waits for the same.
        var fetching: Task<[String: PublicKey], any Error>?
    }

    private let state = Mutex(State())
    private let fetch: @Sendable () async throws -> OutboundResponse

    init(fetch: @escaping @Sendable () async throws -> OutboundResponse) {
        self.fetch = fetch
    }

    /// - Parameters:
    ///   - signature: ECDSA on P-256 with SHA-256 over the body, DER in base64.
    ///   - uptime: microseconds.
    /// - Throws: ``Failure`` 400; 503 when GitHub's keys cannot be had.
    func verify(signature: String, by identifier: String, of body: [UInt8], at uptime: Int64) async throws {
        let refusal = Failure.badRequest("The signature is not valid", code: "invalid_signature")
        guard !identifier.isEmpty, let bytes = Base64.decode(signature) else { throw refusal }
        guard let key = try await key(identifier, at: uptime), key.verifies(bytes, of: body, by: .ecdsaDER) else {
            throw refusal
        }
    }

    private func key(_ identifier: String, at uptime: Int64) async throws -> PublicKey? {
        let (known, task) = try state.withLock { state -> (PublicKey?, Task<[String: PublicKey], any Error>?) in
            let known = state.keys[identifier]
            let isFresh = state.fetchedAt.map { uptime - $0 < Self.microsecondsKept } ?? false
            if known != nil, isFresh { return (known, nil) }
            if let running = state.fetching { return (known, running) }
            if let last = state.triedAt, uptime - last < Self.microsecondsBetweenFetches {
                if known == nil, state.hasFailed { throw Self.unavailable }
                return (known, nil)
            }
            state.triedAt = uptime
            let task = Task { try await self.fetchKeys(at: uptime) }
            state.fetching = task
            return (known, task)
        }
        guard let task else { return known }
        do {
            return try await task.value[identifier]
        } catch {
            // Keys of yesterday are better than none while GitHub cannot be reached.
            if let known { return known }
            throw Self.unavailable
        }
    }

    private static let unavailable = Failure.unavailable(
        "GitHub's keys cannot be fetched now",
        code: "keys_unavailable",
        retryAfter: 60
    )

    private func fetchKeys(at uptime: Int64) async throws -> [String: PublicKey] {
        let result: Result<[String: PublicKey], any Error>
        do {
            result = .success(try Self.read(try await fetch()))
        } catch {
            result = .failure(error)
        }
        state.withLock { state in
            state.fetching = nil
            switch result {
            case .success(let keys): (state.keys, state.fetchedAt, state.hasFailed) = (keys, uptime, false)
            case .failure: state.hasFailed = true
            }
        }
        return try result.get()
    }

    private static func read(_ response: OutboundResponse) throws -> [String: PublicKey] {
        guard response.status == 200, case .array(let list)? = try JSONParser.parse(response.body)["public_keys"] else {
            throw OutboundError.unreachable("GitHub answered \(response.status) without keys")
        }
        var keys: [String: PublicKey] = [:]
        for item in list {
            guard let identifier = item["key_identifier"]?.string, let pem = item["key"]?.string else { continue }
            if let key = PublicKey(pem: pem) { keys[identifier] = key }
        }
        return keys
    }
}
