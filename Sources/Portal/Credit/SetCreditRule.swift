import Storage
import Web

/// `PUT /api/v1/credit/rule`: when to tell that credit runs low, and when to buy more by the saved card. What is left
/// out is not wanted.
struct SetCreditRule: Endpoint {
    struct Input: Codable, Sendable {
        let alertBelow: UnitPrice?
        /// Both or neither.
        let topUpBelow: UnitPrice?
        let topUpAmount: UnitPrice?
        /// A month; 10 unless told.
        let topUpsAtMost: Whole<1, 100>?

        enum CodingKeys: String, CodingKey {
            case alertBelow = "alert_below"
            case topUpBelow = "top_up_below"
            case topUpAmount = "top_up_amount"
            case topUpsAtMost = "top_ups_at_most"
        }
    }

    struct Answer: JSONOutput {
        let rule: CreditRuleView
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.store.write { db in
            let currency = try Accounts.currency(of: accountID, db)
            let alert = try input.alertBelow.map { try Money($0, "alert_below", in: currency, atLeast: 0) }
            let topUp = try topUp(input, in: currency)
            try CreditRules.set(alertBelow: alert?.cents, topUp: topUp, of: accountID, at: now, db)
            let detail: [JSONValue.Member?] = [
                alert.map { .init("alert_below", .string($0.text)) },
                topUp.map { .init("top_up_below", .string(Money($0.below.value, currency).text)) },
                topUp.map { .init("top_up_amount", .string(Money($0.amount.value, currency).text)) },
                topUp.map { .init("top_ups_at_most", .integer($0.atMost)) },
            ]
            try Audit.record(
                .creditRuleChanged,
                by: caller,
                account: accountID,
                target: "account:\(accountID)",
                detail: detail.compactMap { $0 },
                at: now,
                db
            )
            let time = try Accounts.time(of: accountID, at: now, db)
            let rule = try CreditRules.find(accountID, db) ?? CreditRules.Rule()
            return Answer(rule: CreditRuleView(rule, in: currency, at: time))
        }
    }

    private static func topUp(
        _ input: Input,
        in currency: Currency
    ) throws -> (below: Cents, amount: Cents, atMost: Int64)? {
        guard let below = input.topUpBelow, let amount = input.topUpAmount else {
            let missing = input.topUpBelow == nil ? "top_up_below" : "top_up_amount"
            if input.topUpBelow == nil, input.topUpAmount == nil { return nil }
            throw Failure.invalid(missing, "is required with the other of the two")
        }
        return (
            try Money(below, "top_up_below", in: currency).cents, try TopUps.amount(amount, "top_up_amount", currency),
            input.topUpsAtMost?.value ?? 10
        )
    }
}
