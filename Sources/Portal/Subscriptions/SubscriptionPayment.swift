import Storage
import Web

/// How what a subscription asks for at its start or change is going to be paid.
enum SubscriptionPayment {
    /// Called with what would be invoiced, in the transaction that would do so.
    typealias Check = @Sendable (InvoiceDraft, borrowing Database) throws -> Void

    private struct Uncovered: Error {}

    /// Runs `work`, whose transaction must hand its draft to the check it is given.
    /// - Throws: ``Failure`` 402 with the `url` of a page to pay on, where neither credit nor a saved card covers it;
    ///   503 where there is no provider to have such a page at.
    static func required<Answer>(
        for version: PlanVersions.Version,
        of accountID: Int64,
        by caller: Caller,
        in app: App,
        _ work: (@escaping Check) async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await work { draft, db in
                guard try way(of: draft, db) != .page else { throw Uncovered() }
            }
        } catch is Uncovered {
            let url = try await SubscriptionCheckout.url(for: version, of: accountID, by: caller, in: app)
            throw Failure(402, "payment_required", "This has to be paid first").adding(.init("url", .string(url)))
        }
    }

    /// How what a start or change asks for is paid.
    enum Way: String, Codable, Sendable, CaseIterable, Documented {
        /// Nothing is to be paid, or credit covers it.
        case nothing
        /// The saved card is charged.
        case card
        /// It has to be paid on a page at the provider first: the answer is 402.
        case page

        static var sample: Way { .card }
    }

    static func way(of draft: InvoiceDraft, _ db: borrowing Database) throws -> Way {
        guard try due(draft, db).minor > 0 else { return .nothing }
        return try PaymentMethods.preferred(of: draft.accountID, db) == nil ? .page : .card
    }

    /// What the plan adds to the bill, with discounts and taxes, beyond the account's credit. Use that was recorded is
    /// billed in any case.
    static func due(_ draft: InvoiceDraft, _ db: borrowing Database) throws -> Money {
        let lines = draft.lines.filter { $0.postedAs == .revenue }.map(\.priced)
        guard lines.reduce(Int128(0), { $0 + Int128($1.amount) }) > 0 else { return Money(0, draft.currency) }
        let terms = try InvoiceTerms.of(draft.accountID, draft.reason, in: draft.currency, db)
        let discounts = terms.coupons.map(\.discount)
        let bill = try Bill(lines, in: draft.currency, less: discounts, plus: terms.taxes.map(\.rate))
        let credit = max(0, try Ledger.credit(of: draft.accountID, db).value)
        return Money(max(0, bill.total.minor - credit), draft.currency)
    }
}

extension Subscriptions {
    /// What a page at the provider asks for before a subscription begins, or the live one changes.
    struct OpeningPayment: Sendable {
        let planPriceID: Int64
        /// Nothing: credit covers it, and only a card is to be kept.
        let amount: Money
        /// Of the plan.
        let name: String
    }

    /// - Throws: ``Failure`` 404 for a plan that is not offered, 409 for one that is not to be had so, or is had.
    static func openingPayment(
        of accountID: Int64,
        _ version: PlanVersions.Version,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> OpeningPayment {
        let draft: InvoiceDraft
        if let live = try live(of: accountID, db) {
            let time = min(try Accounts.time(of: accountID, at: now, db), live.period.upperBound)
            draft = try SubscriptionSwitch(of: live, to: version).draft(at: time, db)
        } else {
            draft = try opening(of: accountID, version, at: now, db)
        }
        return OpeningPayment(
            planPriceID: version.id,
            amount: try SubscriptionPayment.due(draft, db),
            name: try Plans.find(version.planID, db)?.name ?? ""
        )
    }

    /// As ``openingPayment(of:_:at:_:)``, of a plan that is named by its code, or by its tier of the billing family.
    static func openingPayment(
        of accountID: Int64,
        _ name: String,
        _ interval: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> OpeningPayment {
        let code = try Plans.code(ofTier: name, db)
        let interval = BillingInterval(rawValue: interval)
        let version = try PlanVersions.offered(code, interval, to: accountID, at: now, db)
        return try openingPayment(of: accountID, version, at: now, db)
    }
}
