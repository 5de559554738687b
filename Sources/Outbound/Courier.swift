/// Carries requests to servers that strangers chose, many at once on one thread, so that however many of them hang,
/// the others are reached.
///
/// Each receiver has a small quota of requests under way and a breaker of its own. A name is looked up once, every
/// address of it is held to the ``AddressPolicy``, and the connection goes to a checked one. TLS is verified, redirects
/// are answers, and of an answer that is too long the beginning is kept.
public final class Courier: Sendable {
    public struct Settings: Sendable {
        /// Requests under way at once.
        public var transfers = 512
        /// Of these, for one receiver.
        public var transfersPerReceiver = 4
        /// Requests that may wait or be under way; beyond that they are refused.
        public var queueLimit = 4096
        /// Bytes kept of an answer's body.
        public var answerLimit = 64 << 10
        /// Of each receiver.
        public var breaker = Breaker.Settings()
        /// Names looked up at once.
        public var lookUps = 16
        /// Certificates in PEM to trust instead of the system's.
        public var caFile: String?

        public init() {}
    }

    /// What requests may reach.
    public let policy: AddressPolicy
    private let inbox: CourierInbox
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - name: shown as the name of the threads.
    ///   - lookUp: the addresses of a name; may block.
    ///   - now: milliseconds of a clock that never goes back.
    ///
    /// Throws `OutboundError.unreachable` when libcurl or the thread is not to be had.
    public init(
        name: String,
        policy: AddressPolicy,
        settings: Settings = Settings(),
        lookUp: @escaping @Sendable (String) throws -> [IPAddress] = NameLookUp.system,
        now: @escaping @Sendable () -> Int64
    ) throws {
        self.policy = policy
        self.now = now
        let multi = try Multi(idleConnections: min(256, settings.transfers))
        let inbox = CourierInbox(limit: settings.queueLimit, multi)
        self.inbox = inbox
        try LaneThread.start(name: name) {
            CourierDesk(name: name, policy, settings, lookUp, inbox, now).serve()
        }
    }

    deinit {
        close()
    }

    /// Waits for the answer, whatever its status. Of a body beyond the limit only the beginning is there.
    ///
    /// Cancelling the task withdraws a request that waits, and breaks off one under way, which the receiver may have
    /// acted on: both fail with `closed`. libcurl sends once more, unseen, when a kept connection proves closed before
    /// a byte of the answer came.
    /// - Parameter receiver: whose quota and breaker it goes by.
    /// Throws `OutboundError`.
    public func send(_ request: OutboundRequest, to receiver: String) async throws -> OutboundResponse {
        try RequestCheck.check(request)
        let destination = try Destination(request.url, policy)
        let deadline = now() + Int64(request.timeoutMilliseconds)
        let ticket = CourierInbox.Ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let refusal = inbox.push(
                    CourierInbox.Errand(
                        ticket: ticket,
                        request: request,
                        destination: destination,
                        receiver: receiver,
                        deadline: deadline,
                        continuation: continuation
                    )
                )
                if let refusal {
                    continuation.resume(throwing: refusal)
                } else if Task.isCancelled {
                    inbox.push(.withdrawal(ticket))
                }
            }
        } onCancel: {
            inbox.push(.withdrawal(ticket))
        }
    }

    /// Takes no more requests. Those that wait fail with `closed`; those under way are answered, but not waited for.
    public func close() {
        inbox.close()
    }
}
