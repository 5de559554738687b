import Glibc

/// A few threads through which all requests, or all mails, to one kind of peer leave the machine, so that a peer that
/// hangs slows only those who need it. Waiting is bounded in number and in time, and holds no pool thread.
///
/// TLS is verified, redirects are answers, and no proxy, cookie or netrc file of the environment has a say.
public final class Lane: Sendable {
    private let desk: LaneDesk

    /// - Parameters:
    ///   - name: shown as the name of the threads.
    ///   - threads: how many requests are under way at once.
    ///   - queueLimit: how many more may wait for a thread.
    ///   - breaker: counts time-outs, broken connections and 5xx as failures.
    ///   - answerLimit: bytes of an answer's body.
    ///   - caFile: certificates in PEM to trust instead of the system's.
    ///   - now: milliseconds of a clock that never goes back.
    ///
    /// Throws `OutboundError.invalidRequest` when `caFile` cannot be read, and `unreachable` when libcurl or
    /// the threads are not to be had.
    public init(
        name: String,
        threads: Int = 2,
        queueLimit: Int = 128,
        breaker: Breaker.Settings = Breaker.Settings(),
        answerLimit: Int = 1 << 20,
        caFile: String? = nil,
        now: @escaping @Sendable () -> Int64
    ) throws {
        if let caFile, access(caFile, R_OK) != 0 {
            throw OutboundError.invalidRequest("cannot read the certificates in \(caFile)")
        }
        let desk = LaneDesk(queueLimit: queueLimit, breaker: breaker, now: now)
        self.desk = desk
        do {
            for number in 1...max(1, threads) {
                let transfer = try Transfer(answerLimit: max(0, answerLimit), caFile: caFile)
                try LaneThread.start(name: "\(name)-\(number)") { desk.serve(with: transfer) }
            }
        } catch {
            close()
            throw error
        }
    }

    deinit {
        close()
    }

    /// Waits for the answer, whatever its status.
    ///
    /// A request whose time is over before its turn fails when a thread gets to it: at most one time-out of
    /// those before it later. Cancelling the task withdraws a request that waits; one under way goes on.
    /// libcurl sends once more, unseen, when a kept connection proves closed before a byte of the answer
    /// came: a write needs an `Idempotency-Key` even without a retry policy. Throws `OutboundError`.
    public func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        try RequestCheck.check(request)
        return try await carry(.request(request))
    }

    /// Waits until the server has taken charge of the mail, once; nothing is sent again unseen. The same bounds and
    /// breaker as for requests; a refusal of this one mail does not count as a failure of the server.
    ///
    /// Throws `MailRefusal` when the server will not have this mail, else `OutboundError`; of these only `timedOut` and
    /// `interrupted` with `sent` leave it open whether the mail has arrived.
    public func send(_ mail: OutboundMail) async throws {
        try RequestCheck.check(timeout: mail.timeout, connect: mail.connectTimeout)
        _ = try await carry(.mail(mail))
    }

    private func carry(_ parcel: Parcel) async throws -> OutboundResponse {
        try desk.checkBreaker()
        let deadline = desk.now() + Int64(parcel.timeoutMilliseconds)
        let ticket = WaitingLine.Ticket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let refusal = desk.line.push(
                    WaitingLine.Waiting(
                        ticket: ticket,
                        parcel: parcel,
                        deadline: deadline,
                        continuation: continuation
                    )
                )
                if let refusal {
                    continuation.resume(throwing: refusal)
                } else if Task.isCancelled {
                    // The handler may have run before there was anything to withdraw.
                    withdraw(ticket)
                }
            }
        } onCancel: {
            withdraw(ticket)
        }
    }

    /// Sends the same request, headers and `Idempotency-Key` included, as often as the policy says.
    /// Answers with the last answer, whatever its status, or throws the last `OutboundError`;
    /// `CancellationError` when cancelled between two attempts.
    ///
    /// - Parameter sleep: waits so many milliseconds.
    public func send(
        _ request: OutboundRequest,
        retrying policy: RetryPolicy,
        sleep: @Sendable (Int64) async throws -> Void = { try await Task.sleep(for: .milliseconds($0)) }
    ) async throws -> OutboundResponse {
        var attempt = 1
        while true {
            let wait: Int64
            do {
                let response = try await send(request)
                let delay = policy.delay(after: attempt, status: response.status, retryAfter: response.retryAfter)
                guard let delay else { return response }
                wait = delay
            } catch let error as OutboundError {
                guard let delay = policy.delay(after: attempt, error: error) else { throw error }
                wait = delay
            }
            try await sleep(wait)
            attempt += 1
        }
    }

    /// Takes no more requests. Those that wait fail with `closed`; those under way are answered, but not waited for.
    public func close() {
        for waiting in desk.line.close() {
            waiting.continuation.resume(throwing: OutboundError.closed)
        }
    }

    private func withdraw(_ ticket: WaitingLine.Ticket) {
        desk.line.withdraw(ticket)?.continuation.resume(throwing: OutboundError.closed)
    }
}
