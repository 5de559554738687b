import Glibc

/// An address of a machine: four bytes of IPv4 or sixteen of IPv6, in network order.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    let bytes: [UInt8]

    /// The canonical forms only: four decimal numbers with dots (no octal, no `127.1`), or RFC 4291's without a zone.
    public init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: &six) { Array($0) }
        } else {
            return nil
        }
    }

    /// From a `sockaddr_in` or `sockaddr_in6`; nil for another family.
    init?(socketAddress: UnsafeRawPointer) {
        let offset: (first: Int?, count: Int)
        switch Int32(socketAddress.load(as: sockaddr.self).sa_family) {
        case AF_INET: offset = (MemoryLayout<sockaddr_in>.offset(of: \.sin_addr), 4)
        case AF_INET6: offset = (MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr), 16)
        default: return nil
        }
        guard let first = offset.first else { return nil }
        bytes = Array(UnsafeRawBufferPointer(start: socketAddress + first, count: offset.count))
    }

    public var isIPv6: Bool { bytes.count == 16 }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(isIPv6 ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
