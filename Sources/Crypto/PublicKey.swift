import COpenSSL

/// Somebody else's key, to check what they signed: RSA of 2048 to 4096 bits, or ECDSA on P-256.
public final class PublicKey: Sendable {
    public enum Kind: Sendable { case rsa, p256 }

    /// How a message was signed. Each needs a key of its own kind: there is no choosing by what is signed.
    public enum Scheme: Sendable {
        /// RSASSA-PKCS1-v1_5 with SHA-256: `RS256` (RFC 7518, section 3.3).
        case rs256
        /// ECDSA on P-256 with SHA-256, the two numbers of 32 bytes each: `ES256` (RFC 7518, section 3.4).
        case es256
        /// The same, the two numbers as a DER sequence (RFC 3279, section 2.2.3).
        case ecdsaDER

        var kind: Kind { self == .rs256 ? .rsa : .p256 }
    }

    public let kind: Kind
    /// Never changed after `init`; OpenSSL counts its users with an atomic.
    private nonisolated(unsafe) let key: OpaquePointer

    /// From a SubjectPublicKeyInfo in DER (RFC 5280, section 4.1). `nil` for other bytes and other kinds of keys.
    public init?(spki: [UInt8]) {
        var isWhole = false
        let key = spki.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var at = bytes.baseAddress
            let key = d2i_PUBKEY(nil, &at, bytes.count)
            isWhole = at == bytes.baseAddress.map { $0 + bytes.count }
            return key
        }
        ERR_clear_error()
        guard let key else { return nil }
        guard isWhole, let kind = Self.kind(of: key) else {
            EVP_PKEY_free(key)
            return nil
        }
        (self.key, self.kind) = (key, kind)
    }

    deinit {
        EVP_PKEY_free(key)
    }

    private static func kind(of key: OpaquePointer) -> Kind? {
        if EVP_PKEY_is_a(key, "RSA") == 1 {
            return (2048...4096).contains(EVP_PKEY_get_bits(key)) ? .rsa : nil
        }
        var name = [CChar](repeating: 0, count: 32)
        var length = 0
        guard EVP_PKEY_is_a(key, "EC") == 1,
            EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1,
            name.prefix(length).elementsEqual("prime256v1".utf8.map { CChar(bitPattern: $0) })
        else { return nil }
        return .p256
    }

    /// From the text between `-----BEGIN PUBLIC KEY-----` and its end, as GitHub publishes keys.
    public convenience init?(pem: String) {
        let lines = pem.split(whereSeparator: \.isNewline)
        guard lines.count >= 3, lines[0] == "-----BEGIN PUBLIC KEY-----",
            lines[lines.count - 1] == "-----END PUBLIC KEY-----",
            let spki = Base64.decode(lines.dropFirst().dropLast().joined())
        else { return nil }
        self.init(spki: spki)
    }

    /// From the decoded members `n` and `e` of a JWK (RFC 7518, section 6.3.1). The exponent must be odd, at least
    /// 65537 and of four bytes at most, as FIPS 186-5 has it.
    public convenience init?(modulus: [UInt8], exponent: [UInt8]) {
        let significant = exponent.drop { $0 == 0 }
        let value = significant.count <= 4 ? significant.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } : 0
        guard value >= 65_537, !value.isMultiple(of: 2), modulus.count <= 513 else { return nil }
        // rsaEncryption, 1.2.840.113549.1.1.1, with the NULL that it takes.
        let algorithm: [UInt8] = [
            0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
        ]
        let numbers = DER.sequence(DER.integer(modulus), DER.integer(exponent))
        self.init(spki: DER.sequence(algorithm, DER.bits(numbers)))
    }

    /// From the decoded members `x` and `y` of a JWK on P-256, 32 bytes each (RFC 7518, section 6.2.1). `nil` for a
    /// point that is not on the curve.
    public convenience init?(x: [UInt8], y: [UInt8]) {
        guard x.count == 32, y.count == 32 else { return nil }
        // ecPublicKey, 1.2.840.10045.2.1, on prime256v1, 1.2.840.10045.3.1.7.
        let algorithm: [UInt8] = [
            0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
            0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
        ]
        self.init(spki: DER.sequence(algorithm, DER.bits([4] + x + y)))
    }

    /// Whether the holder of the key signed this message. False for a scheme of the other kind of keys.
    public func verifies(_ signature: [UInt8], of message: [UInt8], by scheme: Scheme) -> Bool {
        guard scheme.kind == kind else { return false }
        var signature = signature
        if scheme == .es256 {
            guard signature.count == 64 else { return false }
            signature = DER.sequence(DER.integer(signature[..<32]), DER.integer(signature[32...]))
        }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            // A signature that is refused leaves its reasons with the thread, where they would pile up.
            ERR_clear_error()
        }
        var keyContext: OpaquePointer?
        guard EVP_DigestVerifyInit(context, &keyContext, EVP_sha256(), nil, key) == 1 else { return false }
        if kind == .rsa {
            guard EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PADDING) == 1 else { return false }
        }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
