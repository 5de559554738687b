/// Base 32 (RFC 4648, section 6), without padding: what authenticators take as a secret, and what can be read aloud.
public enum Base32 {
    private static let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    public static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (held, bits) = (0, 0)
        for byte in bytes {
            held = held << 8 | Int(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[held >> bits & 31])
            }
            held &= (1 << bits) - 1
        }
        if bits > 0 { text.append(alphabet[held << (5 - bits) & 31]) }
        return String(decoding: text, as: UTF8.self)
    }
}
