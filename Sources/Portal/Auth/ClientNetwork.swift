import Glibc

/// The network that one customer holds: their IPv4 address, or the first 64 bits of their IPv6 address (RFC 6177).
enum ClientNetwork {
    static func of(_ address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")) else { return address }
        var binary = in6_addr()
        guard inet_pton(AF_INET6, address, &binary) == 1 else { return address }
        let bytes = withUnsafeBytes(of: &binary) { Array($0) }
        // An IPv4 address as IPv6 writes it (RFC 4291, section 2.5.5.2) is a customer by itself.
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF {
            return bytes[12...].map { "\($0)" }.joined(separator: ".")
        }
        return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":") + "/64"
    }
}
