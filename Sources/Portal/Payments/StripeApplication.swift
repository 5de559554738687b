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
                var outcome = StripeEvents.Outcome.ignored("it says nothing")
                for thing in found {
                    outcome = try effects.apply(thing, type: event.type, db)
                }
                if case .waits = outcome {
                    // The pages were asked for it: there is none.
                    outcome = .ignored("no page and no charge of ours began it")
                }
                try StripeEvents.note(outcome, of: event.id, at: now, db)
            }
        }
    }

    /// Without a provider to ask, in development: what was signed is taken at its word.
    func applyAsSigned(_ events: [StripeEvents.Event]) async throws {
        let now = app.now()
        try await app.store.write { db in
            for event in events {
                try StripeEvents.note(try applyAsSigned(event, at: now, db), of: event.id, at: now, db)
            }
        }
    }

    /// The event itself may be stored or not; those that waited for it are noted as dealt with.
    func applyAsSigned(
        _ event: StripeEvents.Event,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> StripeEvents.Outcome {
        guard let about = event.about, let object = event.object else {
            return .ignored("events of this type are not wanted")
        }
        let outcome = try effects.apply(object, about: about, type: event.type, db)
        guard about == .session, let session = SessionEffect(object, type: event.type) else { return outcome }
        for waiting in try StripeEvents.waiting(for: session.payment, db) {
            guard let about = waiting.about, let object = waiting.object else { continue }
            let outcome = try effects.apply(object, about: about, type: waiting.type, db)
            try StripeEvents.note(outcome, of: waiting.id, at: now, db)
        }
        return outcome
    }

    private var effects: StripeEffects {
        StripeEffects(now: app.now(), links: app.invoiceLinks, isLive: app.settings.stripeIsLive)
    }

    private func ignore(_ events: [StripeEvents.Event], _ reason: String) async throws {
        let now = app.now()
        try await app.store.write { db in
            for event in events { try StripeEvents.note(.ignored(reason), of: event.id, at: now, db) }
        }
    }
}
