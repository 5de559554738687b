extension PasswordHash {
    /// What one scrypt hash costs (RFC 7914): 2^`logN` × `r` × 128 bytes of memory, worked through `p` times.
    public struct Cost: Sendable, Equatable {
        public let logN: Int
        public let r: Int
        public let p: Int

        /// 32 MiB, about 0.3 s on the reference machine: one of the settings in appendix C of OWASP ASVS 5.0.
        /// How many may run at once is for the caller to bound.
        public static let standard = Cost(logN: 15, r: 8, p: 3, checked: ())

        /// 128 MiB, the dearest that is ever computed: a stored hash that asks for more is refused, lest one
        /// altered row take the machine's memory.
        static let memoryLimit = 128 << 20
        /// 2^17 × 8 × 2, in blocks mixed: bounds the time likewise.
        static let workLimit = 1 << 21

        /// `nil` for a cost above the limits, or one that scrypt does not have.
        public init?(logN: Int, r: Int, p: Int) {
            guard (1...20).contains(logN), (1...32).contains(r), (1...16).contains(p) else { return nil }
            guard 128 * r << logN <= Self.memoryLimit, (r * p) << logN <= Self.workLimit else { return nil }
            // RFC 7914, section 6: N is below 2^(128 r / 8).
            guard logN < 16 * r else { return nil }
            self.init(logN: logN, r: r, p: p, checked: ())
        }

        private init(logN: Int, r: Int, p: Int, checked: Void) {
            self.logN = logN
            self.r = r
            self.p = p
        }

        var text: String { "ln=\(logN),r=\(r),p=\(p)" }

        /// Takes only what `text` writes: no blanks, signs, leading zeros or other order.
        init?(_ text: Substring) {
            let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { field in
                field.split(separator: "=", omittingEmptySubsequences: false).last.flatMap { Int($0) }
            }
            guard numbers.count == 3, let logN = numbers[0], let r = numbers[1], let p = numbers[2] else { return nil }
            self.init(logN: logN, r: r, p: p)
            guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
        }
    }
}
