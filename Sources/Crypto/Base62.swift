/// Digits, then upper case, then lower case: the alphabet of API keys, which a double click selects whole.
public enum Base62 {
    static let alphabet = [UInt8]("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// Six characters that tell a mistyped or invented key from a real one without asking the database:
    /// the CRC-32 of the random part of the key (not of its prefix), most significant digit first, padded
    /// with `0`. It is GitHub's token format, so that secret scanners can be taught it.
    public static func checksum(of random: some Sequence<UInt8>) -> String {
        var rest = CRC32.checksum(random)
        var digits: [UInt8] = []
        for _ in 0..<6 {
            digits.append(alphabet[Int(rest % 62)])
            rest /= 62
        }
        return String(decoding: digits.reversed(), as: UTF8.self)
    }

    /// Whether text ends in the ``checksum(of:)`` of what stands before. False for text of six characters or fewer.
    public static func endsInChecksum(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = text.count - 6
        guard count > 0 else { return false }
        var rest = CRC32.checksum(of: UnsafeBufferPointer(rebasing: text[..<count]))
        for index in (count..<text.count).reversed() {
            guard text[index] == alphabet[Int(rest % 62)] else { return false }
            rest /= 62
        }
        return true
    }
}
