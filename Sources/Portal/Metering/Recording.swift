import Storage
import Web

extension App {
    /// The one transaction in which a key's use is priced, recorded and charged.
    ///
    /// `body` gets the key's quota, for which the key is verified once more, and a batch to add to; the roll-ups and
    /// the charge are written when it returns. With an `Idempotency-Key` all of it happens once. Of a test key nothing
    /// is recorded.
    /// - Throws: ``Failure`` 401 for a key that was revoked meanwhile, and what `body` throws.
    func meter<Answer: Output>(
        _ meter: Meter,
        by caller: Caller,
        at now: Timestamp,
        _ body: @escaping @Sendable (Quota, inout UsageBatch, borrowing Database) throws -> Answer
    ) async throws -> Answer {
        let holder = try caller.requireHolder()
        let keyID = caller.keyID ?? 0
        let (threshold, reports, isTest) = (settings.invoiceThreshold, meterReports, caller.isTest)
        let answer = try await commit(by: caller) { db in
            guard let quota = try Quota.find(keyID: keyID, meter, in: now.month, db) else {
                throw Failure.unauthorized("Invalid API key", code: "invalid_key")
            }
            var batch = UsageBatch(
                accountID: holder.accountID,
                keyID: keyID,
                usageMicros: quota.usageMicros,
                now: now,
                threshold: threshold,
                meterReports: quota.hasCustomer ? reports : nil
            )
            batch.isTest = isTest
            batch.quota = quota
            let answer = try body(quota, &batch, db)
            try batch.finish(db)
            return answer
        }
        if reports != nil { outbox.wake() }
        return answer
    }
}

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
        let (now, prices) = (app.now(), app.prices)
        return try await app.meter(use.meter, by: caller, at: now) { _, batch, db in
            let event = UsageEvent(
                meter: use.meter,
                backend: use.backend,
                quantity: use.quantity,
                price: try prices.find(use.meter, use.backend, on: now.day, db),
                occurredAt: now,
                detail: use.detail
            )
            return answer(try batch.add(event, db) ?? 0, event.cost)
        }
    }
}
