import Web

/// Records one use that has happened, priced now.
enum Recording {
    struct Use: Sendable {
        let meter: Meter
        let backend: Backend
        let quantity: Int64
        let detail: String?
    }

    static func record<Answer: Output>(
        _ use: Use,
        by caller: Caller,
        in app: App,
        _ answer: @escaping @Sendable (_ usageID: Int64, _ cost: Dollars) -> Answer
    ) async throws -> Answer {
        let holder = try caller.requireHolder()
        let keyID = caller.keyID ?? 0
        let now = app.now()
        let (threshold, reports, prices) = (app.settings.invoiceThreshold, app.meterReports, app.prices)
        let result = try await app.commit(by: caller) { db in
            guard let quota = try Quota.find(keyID: keyID, use.meter, in: now.month, db) else {
                throw Failure.unauthorized("Invalid API key", code: "invalid_key")
            }
            let event = UsageEvent(
                meter: use.meter,
                backend: use.backend,
                quantity: use.quantity,
                price: try prices.find(use.meter, use.backend, on: now.day, db),
                occurredAt: now,
                detail: use.detail
            )
            var batch = UsageBatch(
                accountID: holder.accountID,
                keyID: keyID,
                usageMicros: quota.usageMicros,
                now: now,
                threshold: threshold,
                meterReports: quota.hasCustomer ? reports : nil
            )
            let id = try batch.add(event, db) ?? 0
            try batch.finish(db)
            return answer(id, event.cost)
        }
        if reports != nil { app.outbox.wake() }
        return result
    }
}
