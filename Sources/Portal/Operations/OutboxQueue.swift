import Outbound
import Storage
import Synchronization

/// The queue of the outbox to one destination.
///
/// An item that fails steps back, each time for longer, and the others pass it. With the other side down (the breaker
/// is open) or not configured, nothing is touched at all.
final class OutboxQueue: Sendable {
    enum Destination: Sendable, CaseIterable {
        case stripe, mail

        var kinds: [OutboxRows.Kind] {
            switch self {
            case .stripe: [.stripeCustomer, .stripeSubscription, .stripeMeterEvent]
            case .mail: [.mail]
            }
        }

        /// How many items are under way at once.
        var senders: Int {
            switch self {
            // One less than the provider's lane has threads: those who wait for an answer always find one.
            case .stripe: 3
            case .mail: 2
            }
        }

        func isConfigured(_ app: App) -> Bool {
            switch self {
            case .stripe: app.stripe != nil
            case .mail: app.postbox != nil
            }
        }
    }

    /// Of an item that fails for reasons of its own; an outage, however long, uses up none.
    private static let attemptsAtMost: Int64 = 20
    private let destination: Destination
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let isStopped = Atomic(false)

    init(_ destination: Destination) {
        self.destination = destination
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func wake() { signal.yield() }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        signal.finish()
    }

    func run(_ app: App) async {
        for await _ in signals {
            while await sendDue(app) {}
        }
    }

    private enum Outcome {
        case arrived, postponed
        /// Nothing goes out now, or nothing can be written down: there is no use in going on.
        case blocked
    }

    /// - Returns: whether anything arrived, and so more may be due.
    private func sendDue(_ app: App) async -> Bool {
        guard destination.isConfigured(app),
            let items = try? app.store.read({ db in try OutboxRows.due(destination.kinds, at: app.now(), db) }),
            !items.isEmpty
        else { return false }
        var waiting = items[...]
        var (hasArrived, isBlocked) = (false, false)
        await withTaskGroup(of: Outcome.self) { group in
            let sendNext = { (group: inout TaskGroup<Outcome>) in
                guard !isBlocked, !self.isStopped.load(ordering: .relaxed), let item = waiting.popFirst() else {
                    return
                }
                group.addTask { await self.send(item, app) }
            }
            for _ in 0..<destination.senders { sendNext(&group) }
            for await outcome in group {
                if outcome == .arrived { hasArrived = true }
                if outcome == .blocked { isBlocked = true }
                sendNext(&group)
            }
        }
        return hasArrived && !isBlocked && !isStopped.load(ordering: .relaxed)
    }

    private func send(_ item: OutboxRows.Item, _ app: App) async -> Outcome {
        do {
            try await deliver(item, app)
            try await app.store.write { db in try OutboxRows.delete(item.id, db) }
            return .arrived
        } catch OutboundError.circuitOpen, OutboundError.overloaded, OutboundError.closed {
            return .blocked
        } catch let error as StoreError {
            app.log.warning("the outbox waits for the store", metadata: ["error": "\(error)"])
            return .blocked
        } catch {
            return await putOff(item, error, app)
        }
    }

    private func deliver(_ item: OutboxRows.Item, _ app: App) async throws {
        let notConfigured = OutboundError.closed
        switch destination {
        case .mail:
            guard let postbox = app.postbox else { throw notConfigured }
            try await postbox.deliver(item, at: app.now())
        case .stripe:
            guard let stripe = app.stripe else { throw notConfigured }
            switch OutboxRows.Kind(rawValue: item.kind) {
            case .stripeCustomer?: try await StripeCustomers.link(item, stripe, app)
            case .stripeSubscription?: try await StripeCustomers.subscribe(item, stripe, app)
            case .stripeMeterEvent?: try await MeterReports.send(item, stripe, app)
            case .mail?, nil: throw OutboundError.invalidRequest("no such kind: \(item.kind)")
            }
        }
    }

    private func putOff(_ item: OutboxRows.Item, _ error: any Error, _ app: App) async -> Outcome {
        let now = app.now()
        let attempts = item.attempts + 1
        let isOutage = Self.isOutage(error)
        let givesUp = Self.isFinal(error) || (!isOutage && attempts >= Self.attemptsAtMost)
        app.log.warning(
            "an outbox item \(givesUp ? "cannot be sent" : "waits")",
            metadata: ["item": "\(item.id)", "kind": "\(item.kind)", "error": "\(error)"]
        )
        let kept = destination == .mail ? Mails.withoutText(item.payload) : item.payload
        do {
            try await app.store.write { db in
                if givesUp {
                    try OutboxRows.setFailed(item, "\(error)", keeping: kept, at: now, db)
                } else {
                    // An outage ends for all at once.
                    let seconds = Outbox.backoffSeconds(after: attempts, atMost: isOutage ? 60 : 3600)
                    try OutboxRows.postpone(item, seconds: seconds, "\(error)", at: now, db)
                }
            }
            return .postponed
        } catch {
            return .blocked
        }
    }

    /// Whether the same item will never do.
    private static func isFinal(_ error: any Error) -> Bool {
        switch error {
        case let error as StripeError: error.isFinal
        case let refusal as MailRefusal: refusal.isPermanent
        case is Postbox.Undeliverable, OutboundError.invalidRequest: true
        default: false
        }
    }

    /// Whether it is the other side, or the way there, that fails.
    private static func isOutage(_ error: any Error) -> Bool {
        switch error {
        case OutboundError.timedOut, OutboundError.unreachable, OutboundError.interrupted: true
        default: false
        }
    }
}
