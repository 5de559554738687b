import Crypto

/// Where a request of the app API or a click came from, as nginx and the request say.
struct Visitor: Sendable {
    let address: String
    /// A digest of the address and of what the client calls itself.
    let device: [UInt8]
    /// Sent with a key that is bound to networks, as a server's is: its address and device tell nothing of people.
    let isServer: Bool

    init(address: String, userAgent: String, isServer: Bool = false) {
        self.address = address
        device = Array(SHA256.digest(Array("\(address)\n\(userAgent)".utf8)).prefix(16))
        self.isServer = isServer
    }

    init(_ caller: Caller) {
        var isServer = false
        if case .key(_, let grant) = caller.kind { isServer = grant.networks != nil }
        self.init(address: caller.address, userAgent: caller.userAgent, isServer: isServer)
    }
}
