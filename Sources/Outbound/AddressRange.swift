/// The addresses that begin with the same bits, as `10.0.0.0/8` or `fc00::/7` write them (RFC 4632, RFC 4291).
public struct AddressRange: Sendable, Equatable {
    private let first: [UInt8]
    private let bits: Int

    /// A range, or a single address. Nil for what is neither, and when bits beyond the prefix are set.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(String(parts[0])) else { return nil }
        let all = address.bytes.count * 8
        if parts.count == 2 {
            guard let bits = Int(parts[1]), (0...all).contains(bits), "\(bits)".utf8.elementsEqual(parts[1].utf8) else {
                return nil
            }
            self.bits = bits
        } else {
            bits = all
        }
        first = address.bytes
        for bit in bits..<all where first[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 { return nil }
    }

    /// Never for an address of the other family.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == first.count else { return false }
        let whole = bits / 8
        guard address.bytes.prefix(whole).elementsEqual(first.prefix(whole)) else { return false }
        let rest = bits % 8
        return rest == 0 || (address.bytes[whole] ^ first[whole]) >> UInt8(8 - rest) == 0
    }
}
