/// Base 64 (RFC 4648, sections 4 and 5). Decoding is strict: each value has one spelling, so that two
/// different texts are never the same secret.
public enum Base64 {
    public enum Variant: Sendable {
        /// `+` and `/`, padded with `=`: webhook secrets and signatures, mail.
        case standard
        /// `+` and `/`, no padding: password hashes in PHC form.
        case unpadded
        /// `-` and `_`, no padding: whatever stands in a URL.
        case url
    }

    public static func encode(_ bytes: [UInt8], as variant: Variant = .standard) -> String {
        let digits = digits(of: variant)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            bits <<= UInt32(24 - 8 * group.count)
            for place in 0...group.count {
                text.append(digits[Int(bits >> UInt32(18 - 6 * place) & 63)])
            }
            if variant == .standard {
                text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - group.count))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` for a character outside the alphabet (blanks and line breaks among them), for padding that is
    /// missing or not wanted, for an impossible length, and for left-over bits that are not zero.
    public static func decode(_ text: some StringProtocol, as variant: Variant = .standard) -> [UInt8]? {
        var digits = [UInt8](text.utf8)
        if variant == .standard {
            guard digits.count.isMultiple(of: 4) else { return nil }
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") {
                digits.removeLast()
            }
        }
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var bits: UInt32 = 0
        var held = 0
        for digit in digits {
            guard let value = value(of: digit, in: variant) else { return nil }
            bits = bits << 6 | value
            held += 6
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(bits >> UInt32(held) & 255))
                bits &= (1 << UInt32(held)) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }

    private static let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private static let standardDigits = [UInt8]((common + "+/").utf8)
    private static let urlDigits = [UInt8]((common + "-_").utf8)

    private static func digits(of variant: Variant) -> [UInt8] {
        variant == .url ? urlDigits : standardDigits
    }

    private static func value(of digit: UInt8, in variant: Variant) -> UInt32? {
        switch (digit, variant) {
        case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): UInt32(digit - UInt8(ascii: "A"))
        case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): UInt32(digit - UInt8(ascii: "a") + 26)
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): UInt32(digit - UInt8(ascii: "0") + 52)
        case (UInt8(ascii: "-"), .url), (UInt8(ascii: "+"), .standard), (UInt8(ascii: "+"), .unpadded): 62
        case (UInt8(ascii: "_"), .url), (UInt8(ascii: "/"), .standard), (UInt8(ascii: "/"), .unpadded): 63
        default: nil
        }
    }
}
