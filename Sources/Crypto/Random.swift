import COpenSSL

/// Bytes and tokens nobody can guess, from OpenSSL's generator.
public enum Random {
    /// The generator has no entropy to give. Nothing secret may be made without it.
    public struct Unavailable: Error {}

    /// Throws `Unavailable`.
    public static func bytes(_ count: Int) throws -> [UInt8] {
        guard count > 0 else { return [] }
        guard let length = Int32(exactly: count) else { throw Unavailable() }
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, length) == 1 else { throw Unavailable() }
        return bytes
    }

    /// That many letters and digits, each of the 62 as likely as the others: 5.95 bits apiece. Throws `Unavailable`.
    public static func base62(_ count: Int) throws -> String {
        var text: [UInt8] = []
        text.reserveCapacity(max(count, 0))
        while text.count < count {
            let missing = count - text.count
            // 248 is the last multiple of 62: a byte from there on would favour the first eight characters.
            let usable = try bytes(missing + missing / 16 + 4).lazy.filter { $0 < 248 }.prefix(missing)
            text.append(contentsOf: usable.map { Base62.alphabet[Int($0 % 62)] })
        }
        return String(decoding: text, as: UTF8.self)
    }
}
