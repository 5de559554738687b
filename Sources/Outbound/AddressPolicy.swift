/// Where requests to URLs that strangers chose may go: to the public Internet, and to ranges that the operator named.
///
/// Without it, a customer's webhook URL reaches what only this machine can: databases, the cloud's metadata service,
/// Purser itself (server-side request forgery; ASVS 5.0, 1.3.6).
public struct AddressPolicy: Sendable {
    private let allowed: [AddressRange]

    /// - Parameter allowed: ranges that are not public and may be reached all the same, also by plain HTTP, at any port
    ///   and by address.
    public init(allowing allowed: [AddressRange] = []) {
        self.allowed = allowed
    }

    /// Whether there is any receiver that needs neither TLS nor a name.
    public var allowsPlain: Bool { !allowed.isEmpty }

    /// Whether a name may be connected to that leads to these. One address that may not be reached condemns them all:
    /// who mixes them has chosen which of them we meet.
    public func permits(_ addresses: [IPAddress], isPlain: Bool) -> Bool {
        !addresses.isEmpty
            && addresses.allSatisfy { address in
                allowed.contains { $0.contains(address) } || (!isPlain && Self.isGlobal(address))
            }
    }

    /// Whether it is one machine's address on the public Internet, by IANA's registries of special-purpose addresses.
    static func isGlobal(_ address: IPAddress) -> Bool {
        if address.isIPv6 {
            globalIPv6.contains { $0.contains(address) } && !specialIPv6.contains { $0.contains(address) }
        } else {
            !specialIPv4.contains { $0.contains(address) }
        }
    }

    private static let specialIPv4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    ].compactMap { AddressRange($0) }

    /// All that is given out so far. Loopback, link-local, unique local, IPv4-mapped and NAT64 (`64:ff9b::/96`) are
    /// outside it.
    private static let globalIPv6 = ["2000::/3"].compactMap { AddressRange($0) }

    /// Teredo and its neighbours, documentation, 6to4: an IPv4 address of the sender's choice hides in some.
    private static let specialIPv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]
        .compactMap { AddressRange($0) }
}
