import Crypto
import Outbound
import Web

/// One provider as it is reached: its lane out of the machine, and what is known of it.
///
/// Each has a lane of its own, so that one which hangs slows only those who sign in there.
final class Issuer: Sendable {
    let provider: IDProvider
    private let send: @Sendable (OutboundRequest) async throws -> OutboundResponse
    private let discovered: Remembered<IssuerMetadata>
    private let keys: Remembered<JSONWebKeys>

    init(
        _ provider: IDProvider,
        uptime: @escaping @Sendable () -> Int64,
        send: @escaping @Sendable (OutboundRequest) async throws -> OutboundResponse
    ) {
        (self.provider, self.send) = (provider, send)
        let discovered = Remembered(uptime: uptime) {
            try IssuerMetadata(try await Self.get(IssuerMetadata.url(of: provider.issuer), send), of: provider.issuer)
        }
        self.discovered = discovered
        keys = Remembered(uptime: uptime) {
            let given = provider.keysURL
            let url = if let given { given } else { try await discovered.value().keysURL }
            return try JSONWebKeys(try await Self.get(url, send))
        }
    }

    convenience init(_ provider: IDProvider, caFile: String?, uptime: @escaping @Sendable () -> Int64) throws {
        let lane = try Lane(
            name: "id-\(provider.id.prefix(8))",
            threads: 2,
            queueLimit: 64,
            answerLimit: 256 << 10,
            caFile: caFile,
            now: { uptime() / 1000 }
        )
        self.init(provider, uptime: uptime) { try await lane.send($0) }
    }

    /// - Throws: as the lane; ``ProviderFault``.
    func metadata() async throws -> IssuerMetadata { try await discovered.value() }

    /// Sends a request of the sign-in and reads the JSON that is answered with 200.
    /// - Throws: as the lane; ``TokenFault`` for a refusal, ``ProviderFault`` for what is no answer.
    func ask(_ request: OutboundRequest) async throws -> JSONValue {
        let response = try await send(request)
        guard !(400...499).contains(response.status) else {
            throw TokenFault("\(provider.id) answered \(response.status)")
        }
        guard let value = try? JSONParser.parse(response.body), response.status == 200 else {
            throw ProviderFault("\(provider.id) answered \(response.status)")
        }
        return value
    }

    /// Whether this provider's key signed the token, by an algorithm that is taken from it, and for us.
    /// - Throws: ``TokenFault``; as the lane or ``ProviderFault``, when no key is known and none is to be had.
    func verify(_ token: JSONWebToken, expecting expected: IDClaims.Expectation) async throws -> IDClaims {
        guard provider.algorithms.contains(token.algorithm) else {
            throw TokenFault("the algorithm is not taken from this issuer")
        }
        // What cannot be good for anything is not worth asking for keys.
        let claims = try IDClaims(token.claims, expecting: expected)
        guard let key = try await key(for: token) else { throw TokenFault("no such key") }
        guard token.isSigned(by: key) else { throw TokenFault("the signature is wrong") }
        return claims
    }

    private func key(for token: JSONWebToken) async throws -> PublicKey? {
        if let key = try await keys.value().find(for: token) { return key }
        return await keys.news()?.find(for: token)
    }

    private static func get(
        _ url: String,
        _ send: @Sendable (OutboundRequest) async throws -> OutboundResponse
    ) async throws -> [UInt8] {
        let request = OutboundRequest(
            .get,
            url,
            headers: [("Accept", "application/json")],
            timeout: Self.patience,
            connectTimeout: .seconds(2)
        )
        let response = try await send(request)
        guard response.status == 200 else { throw ProviderFault("\(url) answered \(response.status)") }
        return response.body
    }

    /// Two questions one after the other must end before nginx's patience of 15 s does.
    static let patience = Duration.seconds(5)
}
