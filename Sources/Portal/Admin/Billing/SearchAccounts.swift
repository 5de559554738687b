import Web

/// An account as operators see it in lists.
struct AccountRow: Codable, Sendable {
    let id: Int64
    let name: String
    /// The first owner's.
    let email: String
    let plan: String
    let status: String
    /// What dunning has taken from it; null: nothing.
    let restriction: Nullable<String>
    let currency: Currency
    /// By invoices, and what no invoice asks for yet.
    let receivable: Amount
    let unbilled: Amount
    let credit: Amount
    let stripeCustomerID: Nullable<String>
    /// A test account's own time.
    let testClock: Nullable<Timestamp>
    let createdAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, name, email, plan, status, restriction, currency, receivable, unbilled, credit
        case stripeCustomerID = "stripe_customer_id"
        case testClock = "test_clock"
        case createdAt = "created_at"
    }

    init(_ it: AccountReport.Item) {
        (id, name, email, plan, status) = (it.account.id, it.account.name, it.email, it.plan.code, it.status)
        (restriction, currency) = (Nullable(it.restriction), it.currency)
        receivable = Amount(it.receivable, it.currency)
        unbilled = Amount(it.unbilled, it.currency)
        credit = Amount(it.credit, it.currency)
        (stripeCustomerID, testClock) = (Nullable(it.stripeCustomerID), Nullable(it.testClock))
        createdAt = it.createdAt
    }
}

/// `GET /api/v1/admin/accounts`: the newest first.
struct SearchAccounts: Endpoint {
    struct Input: Codable, Sendable {
        /// An id, or a part of a name or of a member's mail address.
        let search: Text<0, 254>?
        /// Its code.
        let plan: Text<0, 64>?
        let limit: Whole<1, 200>?
        /// `next_cursor` of the page before.
        let cursor: Int64?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ReportPage<AccountRow> {
        let limit = input.limit?.value ?? 50
        var filter = AccountReport.Filter(limit: limit + 1)
        (filter.search, filter.plan) = (input.search?.value ?? "", input.plan?.value ?? "")
        filter.before = input.cursor ?? .max
        let wanted = filter
        let found = try await LongRead.run(app.store) { db in try AccountReport.list(wanted, db) }
        let shown = found.prefix(Int(limit))
        return ReportPage(
            data: shown.map { AccountRow($0) },
            nextCursor: Nullable(found.count > shown.count ? shown.last?.account.id : nil)
        )
    }
}
