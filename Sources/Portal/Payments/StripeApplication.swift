import Storage
import Web

/// Posts what events lead to, in one transaction with the note that they are dealt with.
struct StripeApplication: Sendable {
    let app: App

    init(_ app: App) {
        self.app = app
    }

    /// - Parameter events: of one object, of which each kind is asked for once.
    func apply(_ events: [StripeEvents.Event], _ lookUp: StripeLookUp) async throws {
        guard let first = events.first(where: { $0.about != nil }) ?? events.first else { return }
        guard let about = first.about else { return try await ignore(events, "events of this type are not wanted") }
        let found = try await lookUp.find(first, about)
        guard !found.isEmpty else { return try await ignore(events, "the provider does not know the object") }
        let effects = effects
        let now = app.now()
        try await app.store.write { db in
            for event in events {
                var outcome = StripeEffects.Outcome.ignored("it says nothing")
                for thing in found {
                    outcome = try effects.apply(thing, type: event.type, db)
                }
                try note(event, outcome, at: now, db)
            }
        }
    }

    /// Without a provider to ask, in development: what was signed is taken at its word.
    func applyAsSigned(_ events: [StripeEvents.Event]) async throws {
        let now = app.now()
        try await app.store.write { db in
            for event in events { try applyAsSigned(event, at: now, db) }
        }
    }

    func applyAsSigned(_ event: StripeEvents.Event, at now: Timestamp, _ db: borrowing Database) throws {
        guard let about = event.about, let object = event.object else {
            return try StripeEvents.setDone(event.id, ignored: "events of this type are not wanted", db)
        }
        try note(event, try effects.apply(object, about: about, type: event.type, db), at: now, db)
        guard about == .session, let session = SessionEffect(object, type: event.type) else { return }
        for waiting in try StripeEvents.waiting(for: session.payment, db) {
            guard let about = waiting.about, let object = waiting.object else { continue }
            try note(waiting, try effects.apply(object, about: about, type: waiting.type, db), at: now, db)
        }
    }

    private var effects: StripeEffects {
        StripeEffects(now: app.now(), links: app.invoiceLinks, isLive: app.settings.stripeIsLive)
    }

    private func ignore(_ events: [StripeEvents.Event], _ reason: String) async throws {
        try await app.store.write { db in
            for event in events { try StripeEvents.setDone(event.id, ignored: reason, db) }
        }
    }

    private func note(
        _ event: StripeEvents.Event,
        _ outcome: StripeEffects.Outcome,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        switch outcome {
        case .applied: try StripeEvents.setDone(event.id, ignored: nil, db)
        case .ignored(let reason): try StripeEvents.setDone(event.id, ignored: reason, db)
        case .waits(let payment):
            guard app.stripe == nil else {
                // The pages were asked for it: there is none.
                return try StripeEvents.setDone(event.id, ignored: "no page and no charge of ours began it", db)
            }
            let error = "the payment \(payment) has not been reported yet"
            try StripeEvents.setFailed(event.id, error, waitsFor: payment, at: now, db)
        }
    }
}
