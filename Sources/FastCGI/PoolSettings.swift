/// How a worker pool runs.
public struct PoolSettings: Sendable {
    /// Worker threads.
    public var threads = 4
    /// Connections held open at most; more wait in the listening socket's queue.
    public var maxConnections = 4096
    /// Seconds that a peer may keep a worker waiting for the rest of a body, or hold back the rest of a request's
    /// opening.
    public var receiveTimeout = 10
    /// Seconds that a peer may keep a worker waiting before it takes more of an answer.
    public var sendTimeout = 10
    /// Seconds that `WorkerPool.stop` waits for requests in flight.
    public var stopGrace = 20
    /// User ids that may connect (SO_PEERCRED); nil: anyone who may open the socket.
    public var allowedPeers: Set<UInt32>?

    public init() {}
}
