import Storage
import Web

/// `POST /api/v1/billing/checkout`: a page at the provider where the account pays for one thing: a plan, an invoice, an
/// amount, or nothing but keeping a card (`setup`).
struct OpenCheckout: Endpoint {
    struct Input: Codable, Sendable {
        /// A plan's code; `tier` is what clients of the billing family call it.
        let plan: Text<1, 64>?
        let tier: Text<1, 64>?
        /// `month` unless told.
        let interval: CheckoutInterval?
        /// An invoice's number.
        let invoice: Text<1, 64>?
        /// In the account's currency; what is not owed becomes credit.
        let amount: Dollars?
        let setup: Bool?
    }

    enum CheckoutInterval: String, Codable, Sendable, CaseIterable, Documented {
        case week, month, year

        static var sample: CheckoutInterval { .month }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> CheckoutPage.Opened {
        let accountID = try caller.requireHolder().accountID
        try app.replay(to: caller)
        let now = app.now()
        let page = try app.store.read { db in try Self.page(input, accountID, app.settings, at: now, db) }
        return try await page.open(by: caller, in: app)
    }

    /// - Throws: ``Failure`` 400, 404, 409.
    private static func page(
        _ input: Input,
        _ accountID: Int64,
        _ settings: Settings,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> CheckoutPage {
        let currency = try Accounts.currency(of: accountID, db)
        let amount = try input.amount.map { try money($0, in: currency) }
        let plan = (input.plan ?? input.tier)?.value
        let isSetup = input.setup == true
        let named = [plan != nil, input.invoice != nil, input.amount != nil, isSetup].count { $0 }
        guard named == 1, input.plan == nil || input.tier == nil else {
            throw Failure(400, "not_one_thing", "Name one thing to pay for: plan, invoice, amount or setup")
        }
        if let plan {
            let interval = (input.interval ?? .month).rawValue
            let opening = try Subscriptions.openingPayment(of: accountID, plan, interval, at: now, db)
            return CheckoutPage(
                accountID: accountID,
                purpose: .subscription(planPriceID: opening.planPriceID),
                amount: opening.amount,
                line: opening.name
            )
        }
        if let number = input.invoice?.value {
            guard let demand = try Demand.find(number: number, of: accountID, db) else {
                throw Failure.notFound("Invoice not found")
            }
            return try page(for: demand)
        }
        if let amount {
            return CheckoutPage(accountID: accountID, purpose: .balance, amount: amount, line: settings.paymentProduct)
        }
        return CheckoutPage(accountID: accountID, purpose: .card, amount: Money(0, currency), line: "")
    }

    /// - Throws: ``Failure`` 409 for an invoice that asks for nothing any more, or too little to be paid by itself.
    static func page(for demand: Demand) throws -> CheckoutPage {
        guard demand.isOwed else {
            throw Failure.conflict("Nothing is owed on invoice \(demand.number)", code: "not_owed")
        }
        if let tooSmall = TooSmall(demand.payable) { throw tooSmall.debt }
        return CheckoutPage(
            accountID: demand.accountID,
            purpose: .invoice(demand.invoiceID),
            amount: demand.payable,
            line: "Invoice \(demand.number)" + (demand.carried > .zero ? " and small amounts of others" : "")
        )
    }

    /// - Throws: ``Failure`` 400 for what no page can ask for.
    static func money(_ amount: Dollars, in currency: Currency) throws -> Money {
        let (minor, rest) = amount.micros.quotientAndRemainder(dividingBy: currency.microsPerMinor)
        guard rest == 0 else { throw Failure.invalid("amount", "has more decimals than \(currency.code) has") }
        guard minor > 0 else { throw Failure.invalid("amount", "must be greater than 0") }
        guard minor <= CreatePayment.most.value else { throw Failure.invalid("amount", "is more than can be charged") }
        return Money(minor, currency)
    }
}
