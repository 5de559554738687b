import CCurl
import Glibc

/// Holds one request to addresses that were looked up and checked before it: what is connected to is what was checked,
/// even if the name leads elsewhere a moment later (DNS rebinding). TLS and `Host` go by the name.
final class Pin: Sendable {
    /// Beyond these nobody waits for the next one's time-out.
    private static let addressesAtMost = 8

    private let addresses: [IPAddress]
    /// For `CURLOPT_RESOLVE`; the `+` makes it age as an answer of the resolver would.
    let line: String

    init(_ destination: Destination, to addresses: [IPAddress]) {
        self.addresses = Array(addresses.prefix(Self.addressesAtMost))
        let list = self.addresses.map { $0.isIPv6 ? "[\($0)]" : "\($0)" }.joined(separator: ",")
        let isIPv6Literal = destination.address?.isIPv6 == true
        let host = isIPv6Literal ? "[\(destination.host)]" : destination.host
        line = "+\(host):\(destination.port):\(list)"
    }

    /// The second lock: libcurl asks for each socket, and gets none for an address that is not among those checked.
    static func open(_ context: UnsafeMutableRawPointer?, _ address: UnsafeMutablePointer<curl_sockaddr>?) -> Int32 {
        guard let context, let address, let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else {
            return CURL_SOCKET_BAD
        }
        let pin = Unmanaged<Pin>.fromOpaque(context).takeUnretainedValue()
        guard let found = IPAddress(socketAddress: UnsafeRawPointer(address) + offset), pin.addresses.contains(found)
        else { return CURL_SOCKET_BAD }
        let kind = address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(address.pointee.family, kind, address.pointee.protocol)
    }
}
