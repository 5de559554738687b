import Storage
import Web

/// `POST /api/v1/admin/usage/events/{id}/void`: the use should not have been recorded. By operators.
struct VoidUsageEvent: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
        let reason: Text<1, 500>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> CorrectedUsage {
        try await CorrectedUsage.make(input.id, .void, to: 0, input.reason.value, by: caller, in: app)
    }
}

/// `POST /api/v1/admin/usage/events/{id}/amend`: the use should have said another quantity. By operators.
struct AmendUsageEvent: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
        let quantity: Quantity
        let reason: Text<1, 500>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> CorrectedUsage {
        try await CorrectedUsage.make(
            input.id,
            .amend,
            to: input.quantity.value,
            input.reason.value,
            by: caller,
            in: app
        )
    }
}

/// A use after it was put right.
struct CorrectedUsage: JSONOutput {
    let event: UsageEventView
    /// The number of the credit note or further invoice that puts the invoice of this use right; null where it stands
    /// on none yet.
    let note: Nullable<String>

    static func make(
        _ id: Int64,
        _ kind: UsageCorrections.Kind,
        to quantity: Int64,
        _ reason: String,
        by caller: Caller,
        in app: App
    ) async throws -> CorrectedUsage {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let correction = UsageCorrection(
                eventID: id,
                kind: kind,
                quantity: quantity,
                reason: reason,
                madeBy: caller.actor,
                now: now
            )
            let outcome = try correction.apply(db)
            try Audit.record(
                kind == .void ? .usageVoided : .usageAmended,
                by: caller,
                account: outcome.accountID,
                target: "usage:\(id)",
                detail: [
                    .init("quantity", .integer(outcome.quantity)), .init("cost", .string(outcome.cost.text)),
                    .init("reason", .string(reason)), .init("note", .string(outcome.note ?? "")),
                ],
                at: now,
                db
            )
            guard let event = try UsageEvents.find(id, db) else { throw Failure.notFound("Usage event not found") }
            return CorrectedUsage(event: try UsageEventView(event, db), note: Nullable(outcome.note))
        }
    }
}
