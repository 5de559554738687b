import Synchronization

/// What a lane's threads share: the waiting line, the breaker and the clock.
final class LaneDesk: Sendable {
    let line: WaitingLine
    let now: @Sendable () -> Int64
    private let breaker: Mutex<Breaker>

    init(queueLimit: Int, breaker: Breaker.Settings, now: @escaping @Sendable () -> Int64) {
        line = WaitingLine(limit: max(0, queueLimit))
        self.now = now
        self.breaker = Mutex(Breaker(breaker))
    }

    /// Refuses at once what the open breaker would refuse after the wait. Throws `OutboundError.circuitOpen`.
    func checkBreaker() throws {
        if let wait = breaker.withLock({ $0.refusal(at: now()) }) {
            throw Self.circuitOpen(milliseconds: wait)
        }
    }

    /// The life of one thread: until the line is closed.
    func serve(with transfer: Transfer) {
        while let waiting = line.next() {
            waiting.continuation.resume(with: Result { try answer(waiting, with: transfer) })
        }
    }

    private func answer(_ waiting: WaitingLine.Waiting, with transfer: Transfer) throws -> OutboundResponse {
        let left = waiting.deadline - now()
        guard left > 0 else { throw OutboundError.timedOut(sent: false) }
        switch breaker.withLock({ $0.admit(at: now()) }) {
        case .refuse(let wait):
            throw Self.circuitOpen(milliseconds: wait)
        case .pass(let permit):
            let result = Result { try transfer.perform(waiting.parcel, milliseconds: Int(left)) }
            breaker.withLock { $0.record(permit, succeeded: Self.isAlive(result), at: now()) }
            return try result.get()
        }
    }

    /// A peer that answers 4xx is alive, and so is one that answers too much, or that will not have this one mail.
    static func isAlive(_ result: Result<OutboundResponse, any Error>) -> Bool {
        switch result {
        case .success(let response): response.status < 500
        case .failure(let error): error is MailRefusal || error as? OutboundError == .answerTooLarge
        }
    }

    private static func circuitOpen(milliseconds: Int64) -> OutboundError {
        .circuitOpen(retryAfter: Int((milliseconds + 999) / 1000))
    }
}
