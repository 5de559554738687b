import Crypto
import Logging
import Outbound
import Storage
import Web

/// Everything an endpoint may reach. What leaves the process or cannot be repeated is a closure, for tests.
struct App: Sendable {
    let settings: Settings
    let store: Store
    let now: @Sendable () -> Timestamp
    /// Microseconds of a clock that never jumps.
    let uptime: @Sendable () -> Int64
    let random: @Sendable (_ count: Int) throws -> [UInt8]
    let passwords: PasswordLane
    let keyDigests: KeyDigests
    let keysSeen: LastSeen
    let sessionsSeen: LastSeen
    /// Under which the seeds of one-time passwords are sealed.
    let seedKey: SealingKey
    let stripe: StripeClient?
    /// Nil where uses are not passed on.
    let lago: Lago?
    let stripeInbox: StripeInbox
    let gitHubKeys: GitHubKeys
    /// Nil where no mail goes out.
    let postbox: Postbox?
    let openID: OpenID
    let outbox: Outbox
    let webhooks: WebhookDispatch
    let invoiceLinks: InvoiceLinks
    /// Where PDFs are made.
    let documents: BoundedLane
    let prices: PriceBook
    let simulations: Simulations
    let requests: RequestCounts
    let appRequests: AppRequests
    let calls: Calls
    let limits: Limits
    let log: Logger
    /// Of a store that was copied to try out what will come; ``now`` reads it. Nil: the wall's.
    var houseClock: HouseClock?
}

extension App {
    /// Runs `body` in one write transaction for `caller`, at most once per `Idempotency-Key`.
    ///
    /// With a key, the answer is stored in the same transaction as its effect, so a crash leaves both or neither; a
    /// repeat throws ``Replay``, which ``Serve`` answers with the stored answer.
    /// - Throws: ``Failure`` 422 when the key was used for another request; ``StoreError``.
    func commit<Answer: Output>(
        by caller: Caller,
        _ body: @escaping @Sendable (borrowing Database) throws -> Answer
    ) async throws -> Answer {
        guard let claim = caller.idempotency else { return try await store.write(body) }
        let now = now()
        return try await store.write { db in
            if let stored = try IdempotencyKeys.find(claim, db) {
                throw Replay(response: try stored.response(to: claim))
            }
            let answer = try body(db)
            try IdempotencyKeys.insert(claim, try answer.response(), at: now, db)
            return answer
        }
    }
}

extension App {
    /// For endpoints that ask another system before they ``commit(by:_:)``: ends a repeat here, before it is asked
    /// again.
    /// - Throws: ``Replay``; ``Failure`` 422 when the key was used for another request.
    func replay(to caller: Caller) throws {
        guard let claim = caller.idempotency else { return }
        if let stored = try store.read({ db in try IdempotencyKeys.find(claim, db) }) {
            throw Replay(response: try stored.response(to: claim))
        }
    }
}

/// Thrown out of a transaction that found its answer already stored.
struct Replay: Error {
    let response: Response
}
