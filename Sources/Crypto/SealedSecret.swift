import COpenSSL

/// Secrets that must be readable again, at rest: AES-256-GCM (NIST SP 800-38D) under a key whose id stands in front, so
/// that keys can be changed (ASVS 5.0, 11.2.2 and 11.3).
///
/// A sealed secret is `version (1 byte) ‖ key id (4) ‖ nonce (12) ‖ cipher text ‖ tag (16)`: 33 bytes longer than
/// what it holds. Version, key id and context are authenticated too. The nonce is random: a key is good for 2^32 seals.
public enum SealedSecret {
    public enum Failure: Error, Equatable {
        /// Not sealed by any of the keys, for another context, or altered.
        case unreadable
        /// OpenSSL would not: no memory.
        case refused
    }

    private static let version: UInt8 = 1
    private static let headSize = 1 + SealingKey.idSize
    private static let nonceSize = 12
    private static let tagSize = 16
    /// Longer ones are no secrets.
    static let sizeLimit = 64 << 10

    /// - Parameter context: whose secret it is, as `person:3`, so that it cannot be moved to another row.
    /// - Throws: ``Failure/refused``, ``Random/Unavailable``.
    public static func seal(_ secret: [UInt8], under key: SealingKey, context: String) throws -> [UInt8] {
        guard secret.count <= sizeLimit else { throw Failure.refused }
        let head = [version] + key.id
        let nonce = try Random.bytes(nonceSize)
        let cipher = try Cipher(.seal, key: key.bytes, nonce: nonce)
        try cipher.authenticate(head + Array(context.utf8))
        let text = try cipher.process(secret)
        guard cipher.finish() else { throw Failure.refused }
        return head + nonce + text + (try cipher.tag(tagSize))
    }

    /// - Parameter keys: the one in use, and those before it.
    /// - Throws: ``Failure``.
    public static func open(_ sealed: [UInt8], under keys: [SealingKey], context: String) throws -> [UInt8] {
        let textStart = headSize + nonceSize
        guard sealed.count >= textStart + tagSize, sealed.count <= textStart + sizeLimit + tagSize,
            sealed[0] == version,
            let key = keys.first(where: { $0.id.elementsEqual(sealed[1..<headSize]) })
        else { throw Failure.unreadable }
        let tagStart = sealed.count - tagSize
        let cipher = try Cipher(.open, key: key.bytes, nonce: Array(sealed[headSize..<textStart]))
        try cipher.authenticate(Array(sealed[..<headSize]) + Array(context.utf8))
        let secret = try cipher.process(Array(sealed[textStart..<tagStart]))
        try cipher.expect(tag: Array(sealed[tagStart...]))
        guard cipher.finish() else { throw Failure.unreadable }
        return secret
    }
}

/// One run of AES-256-GCM. What ``process(_:)`` gives when opening may be used only once ``finish()`` said yes.
private final class Cipher {
    enum Direction: Int32 { case open, seal }

    private let context: OpaquePointer

    init(_ direction: Direction, key: [UInt8], nonce: [UInt8]) throws {
        guard let context = EVP_CIPHER_CTX_new() else { throw SealedSecret.Failure.refused }
        self.context = context
        let begun = EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce, direction.rawValue)
        guard begun == 1 else { throw SealedSecret.Failure.refused }
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    func authenticate(_ bytes: [UInt8]) throws {
        var count: Int32 = 0
        guard let length = Int32(exactly: bytes.count),
            EVP_CipherUpdate(context, nil, &count, bytes, length) == 1
        else { throw SealedSecret.Failure.refused }
    }

    /// As many bytes as are given: GCM has no blocks to fill.
    func process(_ bytes: [UInt8]) throws -> [UInt8] {
        guard !bytes.isEmpty else { return [] }
        var out = [UInt8](repeating: 0, count: bytes.count)
        var count: Int32 = 0
        guard let length = Int32(exactly: bytes.count),
            EVP_CipherUpdate(context, &out, &count, bytes, length) == 1, count == length
        else { throw SealedSecret.Failure.refused }
        return out
    }

    func expect(tag: [UInt8]) throws {
        var tag = tag
        let taken = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag)
        guard taken == 1 else { throw SealedSecret.Failure.refused }
    }

    /// When opening: whether tag and text belong together.
    func finish() -> Bool {
        var nothing = [UInt8](repeating: 0, count: 16)
        var count: Int32 = 0
        return EVP_CipherFinal_ex(context, &nothing, &count) == 1
    }

    func tag(_ size: Int) throws -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: size)
        guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(size), &tag) == 1 else {
            throw SealedSecret.Failure.refused
        }
        return tag
    }
}
