import Outbound
import Storage
import Synchronization

/// The queue of the outbox to one destination.
///
/// An item that fails steps back, each time for longer, and the others pass it; one that hangs keeps one sender. With
/// the other side down (the breaker is open) or not configured, nothing is touched at all.
final class OutboxQueue: Sendable {
    enum Destination: Sendable, CaseIterable {
        case stripe, mail

        var kinds: [OutboxRows.Kind] {
            switch self {
            case .stripe:
                [.stripeCustomer, .stripeCards, .stripeCharge, .stripeSubscription, .stripeMeterEvent]
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
    private let underWay = Mutex<Set<Int64>>([])

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
        await withDiscardingTaskGroup { group in
            for await _ in signals {
                for item in take(app) {
                    group.addTask {
                        let outcome = await self.send(item, app)
                        self.underWay.withLock { _ = $0.remove(item.id) }
                        // A sender is free; more may be due.
                        if outcome == .answered { self.wake() }
                    }
                }
            }
        }
    }

    private enum Outcome {
        /// It has arrived, or is put off.
        case answered
        /// Nothing goes out now, or nothing can be written down: there is no use in going on before the next wake-up.
        case blocked
    }

    /// What is due, as many as there are free senders; under way from here on.
    private func take(_ app: App) -> [OutboxRows.Item] {
        // Noted before the store is read: what is answered in between may be among what was read.
        let before = underWay.withLock { $0 }
        guard !isStopped.load(ordering: .relaxed), before.count < destination.senders, destination.isConfigured(app),
            let due = try? app.store.read({ db in
                try OutboxRows.due(destination.kinds, at: app.now(), atMost: destination.senders, db)
            })
        else { return [] }
        let items = due.filter { !before.contains($0.id) }.prefix(destination.senders - before.count)
        underWay.withLock { $0.formUnion(items.map(\.id)) }
        return Array(items)
    }

    private func send(_ item: OutboxRows.Item, _ app: App) async -> Outcome {
        do {
            try await deliver(item, app)
            try await app.store.write { db in try OutboxRows.delete(item.id, db) }
            return .answered
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
            try await postbox.deliver(item, at: app.now()) { try await InvoiceMail.write($0, in: app) }
        case .stripe:
            guard let stripe = app.stripe else { throw notConfigured }
            switch OutboxRows.Kind(rawValue: item.kind) {
            case .stripeCustomer?: try await StripeCustomers.link(item, stripe, app)
            case .stripeSubscription?: try await StripeCustomers.subscribe(item, stripe, app)
            case .stripeMeterEvent?: try await MeterReports.send(item, stripe, app)
            case .stripeCards?: try await PaymentMethods.fetch(of: item.accountID, stripe, app)
            case .stripeCharge?: try await Charges.pursue(item, stripe, app)
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
            return .answered
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
        // What came of a charge has to be found out, however often it takes.
        case is Charges.NotKnown: true
        default: false
        }
    }
}
