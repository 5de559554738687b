import Glibc

/// Asks the system which addresses a name has.
public enum NameLookUp {
    /// Blocks the calling thread as long as the system's resolver takes: seconds, with name servers that are silent.
    /// Throws `OutboundError.unreachable`.
    @Sendable public static func system(_ name: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &list)
        guard code == 0 else { throw OutboundError.unreachable(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            // One of an unknown kind cannot be checked, and so is not passed over.
            guard let raw = entry.ai_addr, let address = IPAddress(socketAddress: raw) else {
                throw OutboundError.forbiddenAddress
            }
            if !addresses.contains(address) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }
}
