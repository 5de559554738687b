import Crypto

/// The text of an API key: `<prefix>_` + 32 random base62 characters + 6 of checksum (after GitHub's scheme).
///
/// 32 base62 characters are 190 bits, and `_` cannot occur in them, so a double click selects the whole key.
struct APIKey: Sendable {
    let text: String

    static let randomLength = 32
    static let checksumLength = 6

    static func generate(prefix: String) throws -> APIKey {
        let secret = try Random.base62(randomLength)
        return APIKey(text: "\(prefix)_\(secret)\(Base62.checksum(of: secret.utf8))")
    }

    /// What lists show in its place: `bioql_...a1b2`, `sk_live_...a1b2`.
    var hint: String {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        let kind = parts.count > 2 && (parts[1] == "live" || parts[1] == "test") ? "_\(parts[1])" : ""
        return "\(parts[0])\(kind)_...\(text.suffix(4))"
    }

    /// Whether it can be a key at all, before anything is looked up.
    static func isPlausible(_ text: String) -> Bool {
        (8...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    static func isDevelopment(_ text: String, prefix: String) -> Bool {
        text.utf8.starts(with: "\(prefix)_dev_".utf8) && isPlausible(text)
    }
}

/// What keys that were issued here begin with. Keys of other forms may have been taken over from older systems.
struct KeyPrefixes: Sendable {
    /// Of the key that a registration gives: `<KEY_PREFIX>`.
    let registration: String
    /// Of keys that members make.
    let live: String
    let test: String
    private let all: [[UInt8]]

    /// What the clients of the developer dashboard expect, and of apps.
    static let dashboardLive = "sk_live"
    static let dashboardTest = "sk_test"
    static let app = "rk"

    init(own prefix: String) {
        (registration, live, test) = (prefix, "\(prefix)_live", "\(prefix)_test")
        all = [registration, live, test, Self.dashboardLive, Self.dashboardTest, Self.app].map { Array($0.utf8) }
    }

    /// Whether it is formed as ours are and its checksum is wrong: a typing error or a guess, refused without asking
    /// the store.
    func isMistyped(_ text: String) -> Bool {
        var copy = text
        return copy.withUTF8 { bytes in
            let begin = bytes.count - APIKey.randomLength - APIKey.checksumLength
            guard begin > 1, bytes[begin - 1] == UInt8(ascii: "_"),
                all.contains(where: { $0.elementsEqual(bytes[..<(begin - 1)]) })
            else { return false }
            return !Base62.endsInChecksum(UnsafeBufferPointer(rebasing: bytes[begin...]))
        }
    }

    /// The prefix that a key of this hint was issued under; a registration's for one that came from elsewhere.
    func prefix(ofHint hint: String) -> String {
        let bytes = Array(hint.utf8.dropLast("_...a1b2".utf8.count))
        return all.contains(bytes) ? String(decoding: bytes, as: UTF8.self) : registration
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
