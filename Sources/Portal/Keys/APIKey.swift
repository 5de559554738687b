import Crypto

/// The text of an API key: `<prefix>_` + 32 random base62 characters + 6 of checksum (after GitHub's scheme).
///
/// 32 base62 characters are 190 bits, and `_` cannot occur in them, so a double click selects the whole key.
struct APIKey: Sendable {
    let text: String

    static func generate(prefix: String) throws -> APIKey {
        let secret = try Random.base62(32)
        return APIKey(text: "\(prefix)_\(secret)\(Base62.checksum(of: secret.utf8))")
    }

    /// What lists show in its place: `bioql_...a1b2`.
    var hint: String {
        let prefix = text.prefix { $0 != "_" }
        return "\(prefix)_...\(text.suffix(4))"
    }

    /// Whether it can be a key at all, before anything is looked up.
    static func isPlausible(_ text: String) -> Bool {
        (8...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    static func isDevelopment(_ text: String, prefix: String) -> Bool {
        text.utf8.starts(with: "\(prefix)_dev_".utf8) && isPlausible(text)
    }
}

/// Turns keys into what is stored of them: HMAC-SHA256 under a pepper that is not in the database.
struct KeyDigests: Sendable {
    private let pepper: HMACKey

    init(pepper: String) {
        self.pepper = HMACKey(Array(pepper.utf8))
    }

    /// 32 bytes. Looking a digest up tells nothing by its timing: nobody can choose how it begins.
    func digest(of key: String) -> [UInt8] {
        pepper.sign(Array(key.utf8))
    }
}
