import Outbound
import Web

/// Addresses that a key may be used from: `192.0.2.0/24`, `2001:db8::/32` or a single one (RFC 4632, RFC 4291).
///
/// IPv4 written as IPv6 (`::ffff:192.0.2.1`) is IPv4.
struct Network: Codable, Sendable, Equatable, Documented {
    let text: String
    /// Nil only in the sample: a network that holds nobody.
    private let range: AddressRange?

    static var schema: Schema { .string(min: 2, max: 49, pattern: "^[0-9A-Fa-f:.]+(/[0-9]+)?$", format: nil) }
    static var sample: Network { Network(text: "192.0.2.0/24", range: nil) }

    private init(text: String, range: AddressRange?) {
        (self.text, self.range) = (text, range)
    }

    /// Nil for what is no network, and when bits beyond the prefix are set.
    init?(_ text: String) {
        let plain = Self.unmapped(text)
        guard text.utf8.count <= 49, let range = AddressRange(plain) else { return nil }
        (self.text, self.range) = (plain, range)
    }

    init(from decoder: any Decoder) throws {
        guard let network = Network(try decoder.singleValueContainer().decode(String.self)) else {
            throw ValueFault("must be a network such as 192.0.2.0/24, with no bits set beyond its prefix")
        }
        self = network
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    func contains(_ address: IPAddress) -> Bool { range?.contains(address) ?? false }

    private static func unmapped(_ text: String) -> String {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let plain = IPAddress.unmapped(first), plain.description != first,
            !plain.isIPv6
        else { return text }
        guard parts.count == 2 else { return plain.description }
        guard let bits = Int(parts[1]), (96...128).contains(bits) else { return text }
        return "\(plain.description)/\(bits - 96)"
    }
}

/// The networks of one key.
struct Networks: Sendable, Equatable {
    static let most = 32

    let list: [Network]

    init?(_ list: [Network]) {
        guard !list.isEmpty else { return nil }
        self.list = list
    }

    /// As stored: with spaces between. One that cannot be read admits nobody.
    init?(stored text: String?) {
        guard let text else { return nil }
        list = text.split(separator: " ").compactMap { Network(String($0)) }
    }

    var stored: String { list.map(\.text).joined(separator: " ") }

    /// - Parameter address: as nginx gives it. What is no address is in no network.
    func contain(_ address: String) -> Bool {
        guard let address = IPAddress.unmapped(address) else { return false }
        return list.contains { $0.contains(address) }
    }
}

extension IPAddress {
    /// An address, IPv4 in place of IPv4-mapped IPv6 (RFC 4291, section 2.5.5.2).
    fileprivate static func unmapped(_ text: String) -> IPAddress? {
        guard let address = IPAddress(text) else { return nil }
        let canonical = address.description
        guard address.isIPv6, canonical.hasPrefix("::ffff:"), canonical.contains(".") else { return address }
        return IPAddress(String(canonical.dropFirst("::ffff:".count)))
    }
}
