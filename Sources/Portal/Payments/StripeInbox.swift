import Outbound
import Storage
import Synchronization

/// Applies the events that were stored and acknowledged: asks the provider how each object is now, once for all events
/// of the object, several objects at a time, and posts what follows in one transaction.
///
/// With the provider down nothing is lost and nothing is used up: events wait, for longer and longer.
final class StripeInbox: Sendable {
    /// Objects that are asked for at once: fewer than the provider's lane has threads, which others wait for.
    private static let senders = 4

    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let isStopped = Atomic(false)

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Something was stored.
    func wake() { signal.yield() }

    /// Ends ``run(_:)`` once what is under way has ended.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        signal.finish()
    }

    /// Runs until ``stop()``; the periodic jobs wake it too, for what has become due.
    func run(_ app: App) async {
        for await _ in signals {
            while await applyDue(app) {}
        }
    }

    /// - Returns: whether anything was applied, and so more may be due.
    func applyDue(_ app: App) async -> Bool {
        guard let due = try? app.store.read({ db in try StripeEvents.due(at: app.now(), db) }), !due.isEmpty else {
            return false
        }
        var waiting = groups(due, app)[...]
        var (hasApplied, isBlocked) = (false, false)
        await withTaskGroup(of: Outcome.self) { tasks in
            let applyNext = { (tasks: inout TaskGroup<Outcome>) in
                guard !isBlocked, !self.isStopped.load(ordering: .relaxed), let group = waiting.popFirst() else {
                    return
                }
                tasks.addTask { await Self.apply(group, .background, app) }
            }
            for _ in 0..<Self.senders { applyNext(&tasks) }
            for await outcome in tasks {
                if outcome == .applied { hasApplied = true }
                if outcome == .blocked { isBlocked = true }
                applyNext(&tasks)
            }
        }
        return hasApplied && !isBlocked && !isStopped.load(ordering: .relaxed)
    }

    enum Outcome {
        case applied, postponed
        /// Nothing goes out now, or nothing can be written down: there is no use in going on.
        case blocked
    }

    /// Events of one object, in the order in which they fell due.
    private func groups(_ due: [(id: String, raw: [UInt8])], _ app: App) -> [[StripeEvents.Event]] {
        var (groups, places): ([[StripeEvents.Event]], [String: Int]) = ([], [:])
        for (id, raw) in due {
            guard let event = try? StripeEvents.Event(raw) else {
                app.log.error("a stored event cannot be read", metadata: ["event": "\(id)"])
                continue
            }
            let name = event.objectID.isEmpty ? event.id : event.objectID
            if let place = places[name] {
                groups[place].append(event)
            } else {
                places[name] = groups.count
                groups.append([event])
            }
        }
        return groups
    }

    /// Applies events of one object.
    static func apply(_ events: [StripeEvents.Event], _ patience: StripeClient.Patience, _ app: App) async -> Outcome {
        do {
            guard let stripe = app.stripe else {
                try await StripeApplication(app).applyAsSigned(events)
                return .applied
            }
            try await StripeApplication(app).apply(events, StripeLookUp(stripe: stripe, app: app, patience: patience))
            return .applied
        } catch OutboundError.circuitOpen, OutboundError.overloaded, OutboundError.closed {
            // Not tried at all. Due at once, unless somebody holds them.
            return .blocked
        } catch let error as StoreError where error.isTemporary {
            app.log.warning("events wait for the store", metadata: ["error": "\(error)"])
            return .blocked
        } catch {
            return await putOff(events, error, app)
        }
    }

    private static func putOff(_ events: [StripeEvents.Event], _ error: any Error, _ app: App) async -> Outcome {
        let now = app.now()
        let isOutage = (error as? StripeError).map { !$0.isFinal } ?? (error is OutboundError)
        app.log.log(
            level: isOutage ? .warning : .error,
            "events wait",
            metadata: ["events": "\(events.map(\.id).joined(separator: ", "))", "error": "\(error)"]
        )
        do {
            try await app.store.write { db in
                for event in events {
                    if isOutage {
                        // An outage ends for all at once.
                        try StripeEvents.postpone(event.id, "\(error)", until: now.adding(seconds: 5), db)
                    } else {
                        try StripeEvents.setFailed(event.id, "\(error)", at: now, db)
                    }
                }
            }
            return .postponed
        } catch {
            return .blocked
        }
    }
}
