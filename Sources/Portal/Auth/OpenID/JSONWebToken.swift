import Crypto
import Web

/// Why somebody's token or code was not believed. For the log, never for the caller.
struct TokenFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A signed JSON Web Token in its compact form (RFC 7515, section 7.1; RFC 7519), taken apart. Nothing in it is
/// believed before its signature was verified.
struct JSONWebToken: Sendable {
    /// Bytes; nginx takes no longer header line either.
    static let sizeLimit = 8192

    let algorithm: IDProvider.Algorithm
    let keyID: String?
    let claims: JSONValue
    let signedBytes: [UInt8]
    let signature: [UInt8]

    /// Whether a bearer token is meant to be one; API keys have no dots.
    static func isPlausible(_ text: String) -> Bool { text.utf8.count { $0 == UInt8(ascii: ".") } == 2 }

    /// - Throws: ``TokenFault`` for anything but three parts in base 64 without padding, a header that asks for nothing
    ///   unknown, and one of the two algorithms.
    init(_ text: String) throws {
        guard text.utf8.count <= Self.sizeLimit else { throw TokenFault("the token is too long") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3,
            let head = Base64.decode(parts[0], as: .url), !head.isEmpty,
            let body = Base64.decode(parts[1], as: .url), !body.isEmpty,
            let signature = Base64.decode(parts[2], as: .url), !signature.isEmpty
        else { throw TokenFault("the token is not three parts of base 64") }
        guard let header = try? JSONParser.parse(head), case .object = header,
            let claims = try? JSONParser.parse(body), case .object = claims
        else { throw TokenFault("header or claims are no JSON object") }
        // What is critical must be understood, and nothing of it is (RFC 7515, section 4.1.11).
        guard header["crit"] == nil, header["b64"] == nil, header["cty"] == nil, header["zip"] == nil else {
            throw TokenFault("the header asks for an extension")
        }
        // Access and log-out tokens carry their own types: one kind must not pass for another (RFC 8725, section 3.11).
        if let type = header["typ"] {
            guard type.string?.lowercased() == "jwt" else { throw TokenFault("the token is of another type") }
        }
        guard let algorithm = header["alg"]?.string.flatMap(IDProvider.Algorithm.init) else {
            throw TokenFault("the token's algorithm is not taken")
        }
        if let keyID = header["kid"] {
            guard let text = keyID.string, (1...255).contains(text.utf8.count) else {
                throw TokenFault("the key id is not a text")
            }
            self.keyID = text
        } else {
            keyID = nil
        }
        self.algorithm = algorithm
        self.claims = claims
        self.signature = signature
        signedBytes = Array("\(parts[0]).\(parts[1])".utf8)
    }

    func isSigned(by key: PublicKey) -> Bool {
        key.verifies(signature, of: signedBytes, by: algorithm == .rs256 ? .rs256 : .es256)
    }
}

extension IDProvider.Algorithm {
    var keyKind: PublicKey.Kind { self == .rs256 ? .rsa : .p256 }
}
