import COpenSSL

/// One-time passwords by time (RFC 6238 over RFC 4226): HMAC-SHA-1, six digits, a new one every 30 seconds, as every
/// authenticator takes them.
public enum TOTP {
    public static let seedSize = 20
    public static let digits = 6
    public static let period: Int64 = 30

    /// OpenSSL would not compute it: no memory.
    public struct Refused: Error {}

    /// The step that a moment falls into.
    public static func step(at seconds: Int64) -> Int64 { seconds / period }

    /// Six digits. Throws ``Refused``.
    public static func code(_ seed: [UInt8], step: Int64) throws -> String {
        let mac = try hmacSHA1(seed, (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * $0)) })
        // Dynamic truncation (RFC 4226, section 5.3).
        let offset = Int(mac[19] & 0x0F)
        let number = mac[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = "\(number % 1_000_000)"
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The step whose code this is, of the one at `seconds` and its two neighbours (section 5.2), if it is later than
    /// `lastStep`: a code counts once. All three are compared, in a time that does not tell which. Throws ``Refused``.
    public static func match(_ code: String, _ seed: [UInt8], at seconds: Int64, after lastStep: Int64) throws -> Int64?
    {
        let now = step(at: seconds)
        var found: Int64?
        for candidate in [now - 1, now, now + 1] {
            let isEqual = equalInConstantTime(Array(try Self.code(seed, step: candidate).utf8), Array(code.utf8))
            if isEqual, candidate > lastStep { found = candidate }
        }
        return found
    }

    static func hmacSHA1(_ key: [UInt8], _ bytes: [UInt8]) throws -> [UInt8] {
        var mac = [UInt8](repeating: 0, count: 20)
        var size = 0
        let done = EVP_Q_mac(
            nil,
            "HMAC",
            nil,
            "SHA1",
            nil,
            key,
            key.count,
            bytes,
            bytes.count,
            &mac,
            mac.count,
            &size
        )
        guard done != nil, size == mac.count else { throw Refused() }
        return mac
    }
}
