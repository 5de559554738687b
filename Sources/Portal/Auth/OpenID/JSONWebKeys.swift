import Crypto
import Web

/// An issuer's public keys (RFC 7517, section 5): those that can sign tokens. Others in the document are passed over.
struct JSONWebKeys: Sendable {
    private struct Named: Sendable {
        let id: String?
        let key: PublicKey
    }

    private static let countLimit = 64
    private let keys: [Named]

    /// - Throws: ``ProviderFault`` for what is no key set, or has no key of use: better the keys known before.
    init(_ document: [UInt8]) throws {
        guard let value = try? JSONParser.parse(document), case .array(let items)? = value["keys"],
            items.count <= Self.countLimit
        else { throw ProviderFault("the issuer's keys are no key set") }
        keys = items.compactMap { item in Self.key(item).map { Named(id: item["kid"]?.string, key: $0) } }
        guard !keys.isEmpty else { throw ProviderFault("the issuer publishes no key for RS256 or ES256") }
    }

    /// The one key that can have signed the token: of its id and of the kind its algorithm takes. A token without an id
    /// is fine as long as there is no choice.
    func find(for token: JSONWebToken) -> PublicKey? {
        let fitting = keys.filter { named in
            guard named.key.kind == token.algorithm.keyKind else { return false }
            guard let wanted = token.keyID else { return true }
            return named.id?.utf8.elementsEqual(wanted.utf8) == true
        }
        return fitting.count == 1 ? fitting[0].key : nil
    }

    private static func key(_ item: JSONValue) -> PublicKey? {
        if let use = item["use"], use.string != "sig" { return nil }
        if case .array(let uses)? = item["key_ops"], !uses.contains(where: { $0.string == "verify" }) { return nil }
        let algorithm = item["alg"]?.string
        switch item["kty"]?.string {
        case "RSA" where algorithm == nil || algorithm == "RS256":
            guard let modulus = bytes(item["n"]), let exponent = bytes(item["e"]) else { return nil }
            return PublicKey(modulus: modulus, exponent: exponent)
        case "EC" where (algorithm == nil || algorithm == "ES256") && item["crv"]?.string == "P-256":
            guard let x = bytes(item["x"]), let y = bytes(item["y"]) else { return nil }
            return PublicKey(x: x, y: y)
        default:
            return nil
        }
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        value?.string.flatMap { Base64.decode($0, as: .url) }
    }
}
