import Storage
import Web

/// `POST /api/v1/subscription/preview`: what a start or a change would ask for if it were made now. Nothing is written.
///
/// The invoice is the very draft that the start or change makes out, so that the two agree to the cent.
struct PreviewSubscription: Endpoint {
    struct Answer: JSONOutput {
        let plan: String
        let name: String
        let interval: BillingInterval
        let currency: Currency
        /// What its fees come to for an interval, before discounts and taxes.
        let amount: Amount
        let when: SubscriptionSwitch.Moment
        let effectiveAt: Timestamp
        /// Until when it costs nothing; null: it does from the beginning.
        let trialEnd: Nullable<Timestamp>
        /// Fees of the present plan that are given back for the rest of its period, before discounts and taxes.
        let unused: Amount
        /// Fees of the new plan for what begins now, as before.
        let fees: Amount
        /// What is invoiced at once; null: nothing before the period ends.
        let invoice: Nullable<InvoiceEstimate>
        /// What of it has to be covered before it takes effect: the plan's part, beyond the account's credit. Use that
        /// was recorded is billed in any case.
        let due: Amount
        let payment: SubscriptionPayment.Way
        let nextInvoiceAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case plan, name, interval, currency, amount, when, unused, fees, invoice, due, payment
            case effectiveAt = "effective_at"
            case trialEnd = "trial_end"
            case nextInvoiceAt = "next_invoice_at"
        }
    }

    static func handle(_ input: ChangeSubscription.Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            let time = try Accounts.time(of: accountID, at: now, db)
            if let due = try Accounts.nextClose(of: accountID, db), due <= time {
                throw Failure.unavailable("The period that has ended is being billed", code: "billing_under_way")
            }
            guard let live = try Subscriptions.live(of: accountID, db) else {
                return try start(input, of: accountID, at: time, db)
            }
            let wanted = try ChangeSubscription.wanted(input.plan?.value, input.interval, of: accountID, at: time, db)
            let change = try SubscriptionSwitch(of: live, to: wanted)
            let when = try input.when ?? change.usualMoment
            guard when == .now else {
                let (end, trialEnd) = (live.period.upperBound, live.status == .trialing ? live.trialEnd : nil)
                return try Answer(wanted, when, effectiveAt: end, trialEnd: trialEnd, nil, nextInvoiceAt: end, db)
            }
            return try Answer(
                wanted,
                when,
                effectiveAt: time,
                trialEnd: live.status == .trialing ? live.trialEnd : nil,
                try change.draft(at: time, db),
                nextInvoiceAt: change.nextClose(after: time),
                db
            )
        }
    }

    private static func start(
        _ input: ChangeSubscription.Input,
        of accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Answer {
        guard let plan = input.plan?.value else { throw Failure.invalid("plan", "is required to begin a subscription") }
        let wanted = try PlanVersions.offered(plan, input.interval, to: accountID, at: now, db)
        let trialEnd = try Subscriptions.trialEnd(of: accountID, wanted, at: now, db)
        return try Answer(
            wanted,
            .now,
            effectiveAt: now,
            trialEnd: trialEnd,
            try Subscriptions.opening(of: accountID, wanted, at: now, db),
            nextInvoiceAt: trialEnd ?? BillingPeriod(anchor: now, interval: wanted.interval).start(1),
            db
        )
    }
}

extension PreviewSubscription.Answer {
    /// - Parameter draft: nil: nothing is invoiced.
    fileprivate init(
        _ version: PlanVersions.Version,
        _ when: SubscriptionSwitch.Moment,
        effectiveAt: Timestamp,
        trialEnd: Timestamp?,
        _ draft: InvoiceDraft?,
        nextInvoiceAt: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let plan = try Plans.find(version.planID, db) else {
            throw StoreError.corrupt("there is no plan \(version.planID)")
        }
        (self.plan, name) = (plan.code, plan.name)
        (interval, currency, amount) = (version.interval, version.currency, try PlanVersionView(version).amount)
        (self.when, self.effectiveAt, self.trialEnd) = (when, effectiveAt, Nullable(trialEnd))
        let plans = (draft?.lines ?? []).filter { $0.planPriceID != nil && $0.meter == nil }
        let unused = try plans.filter { $0.amount < 0 }.reduce(Int64(0)) { try $0.minus($1.amount) }
        let fees = try plans.filter { $0.amount > 0 }.reduce(Int64(0)) { try $0.plus($1.amount) }
        (self.unused, self.fees) = (Amount(Money(unused, currency)), Amount(Money(fees, currency)))
        invoice = Nullable(try draft.map { try InvoiceEstimate($0, db) })
        due = Amount(try draft.map { try SubscriptionPayment.due($0, db) } ?? Money(0, currency))
        payment = try draft.map { try SubscriptionPayment.way(of: $0, db) } ?? .nothing
        self.nextInvoiceAt = nextInvoiceAt
    }
}
