import Storage
import Web

@testable import Portal

/// Accounts that owe 26 dollars by an invoice and are customers at the provider, and what is told about their payments.
struct PaymentDesk {
    let unit: UnitStore
    let app: App
    let fake = FakeStripe()

    /// - Parameter asksAgain: whether there is a provider to ask; without one events are taken at their word.
    init(asksAgain: Bool, at moment: Timestamp = UnitStore.noon) throws {
        unit = try UnitStore(in: "/dev/shm")
        app = try unit.app(at: moment, stripe: asksAgain ? fake.client : nil)
    }

    /// Puts a tax on all invoices from now on.
    func tax(_ millionths: Int64) throws {
        try unit.store.writeBlocking { db in
            let rate = TaxRate(name: "VAT", millionths: millionths, isInclusive: false)
            _ = try TaxRates.insert(TaxRates.New(rate: rate, country: "", isDefault: true), at: UnitStore.noon, db)
        }
    }

    /// - Returns: the account of the customer `cus_NAME`.
    func debtor(_ name: String) throws -> Int64 {
        let ids = try unit.account(name)
        try unit.store.writeBlocking { db in
            try Accounts.setStripeCustomer("cus_\(name)", of: ids.account, db)
            var batch = UsageBatch(
                accountID: ids.account,
                keyID: ids.key,
                usageMicros: 0,
                now: UnitStore.noon,
                threshold: Cents(2000),
                meterReports: nil
            )
            let price = Prices.Price(unitMicros: 26_000_000, isSimulator: false)
            let use = UsageEvent(
                meter: .shots,
                backend: Backend(known: "ibm_torino"),
                quantity: 1,
                price: price,
                occurredAt: UnitStore.noon
            )
            _ = try batch.add(use, db)
            try batch.finish(db)
        }
        return ids.account
    }

    static func session(_ name: String, _ cents: Int64 = 5000) -> String {
        """
        {"id":"cs_\(name)","object":"checkout.session","mode":"payment","status":"complete","payment_status":"paid",
         "customer":"cus_\(name)","amount_total":\(cents),"currency":"usd","payment_intent":"pi_\(name)"}
        """
    }

    static func intent(
        _ name: String,
        _ cents: Int64 = 5000,
        of customer: String? = nil,
        currency: String = "usd",
        isLive: Bool = false,
        status: String = "succeeded"
    ) -> String {
        """
        {"id":"pi_\(name)","object":"payment_intent","status":"\(status)","customer":"cus_\(customer ?? name)",
         "amount":\(cents),"amount_received":\(cents),"currency":"\(currency)","livemode":\(isLive)}
        """
    }

    static func charge(_ name: String, refunded: Int64) -> String {
        """
        {"id":"ch_\(name)","object":"charge","customer":"cus_\(name)","amount":5000,"currency":"usd",
         "amount_refunded":\(refunded),"payment_intent":"pi_\(name)"}
        """
    }

    static func refund(_ name: String, _ cents: Int64, _ status: String, number: Int = 1, mark: String = "") -> String {
        """
        {"id":"re_\(name)_\(number)","object":"refund","amount":\(cents),"currency":"usd","status":"\(status)",
         "charge":"ch_\(name)","payment_intent":"pi_\(name)","metadata":{"purser_refund":"\(mark)"}}
        """
    }

    static func dispute(_ name: String, _ cents: Int64, _ status: String) -> String {
        """
        {"id":"du_\(name)","object":"dispute","amount":\(cents),"currency":"usd","status":"\(status)",
         "charge":"ch_\(name)","payment_intent":"pi_\(name)","reason":"fraudulent",
         "evidence_details":{"due_by":1800000000}}
        """
    }

    /// Has an event delivered.
    func tell(_ type: String, _ object: String, id: String) async throws {
        let body = #"{"id":"\#(id)","type":"\#(type)","data":{"object":\#(object)}}"#
        _ = try await ReceiveStripeEvent.handle(
            SignedBody(bytes: Array(body.utf8)),
            by: Caller(address: "", requestID: ""),
            in: app
        )
    }

    /// Applies all that waits.
    func settle() async {
        while await app.stripeInbox.applyDue(app) {}
    }

    /// What must be the same in every order.
    func books(of account: Int64, _ name: String) throws -> [String] {
        try unit.store.read { db in
            var books: [String] = []
            for side in [Ledger.Side.credit, .unbilled, .receivable] {
                books.append("\(side) \(try Ledger.balance(side, of: account, db).value)")
            }
            guard let payment = try Payments.find("pi_\(name)", db) else { return books + ["no payment"] }
            books.append("amount \(payment.amount.value)")
            books.append("refunded \(payment.refunded.value) disputed \(payment.disputed.value)")
            var sums: [String: Int64] = [:]
            // By whichever credit notes: their sum is the same.
            for (place, sum) in try PaymentUses.sums(of: payment.id, db).by {
                sums["\(place.cause) \(place.side)\(place.noteID == nil ? "" : " noted")", default: 0] += sum.value
            }
            books += sums.filter { $0.value != 0 }.map { "\($0.key) \($0.value)" }.sorted()
            let notes = try Invoices.page(of: account, .creditNote, status: .paid, limit: 50, db)
            if !notes.isEmpty { books.append("tax given back \(notes.reduce(0) { $0 + $1.tax.value })") }
            if let refund = try Refunds.find(providerID: "re_\(name)_1", db) { books.append("refund \(refund.status)") }
            if let dispute = try Disputes.find("du_\(name)", db) { books.append("dispute \(dispute.status)") }
            let entries = try Audit.count(.disputeOpened, account: account, since: Timestamp(milliseconds: 0), db)
            books.append("opened \(entries)")
            for invoice in try Invoices.list(of: account, db) { books.append("invoice \(invoice.status)") }
            return books
        }
    }

    func hasNote(_ account: Int64) throws -> Bool {
        try unit.store.read { db in try !Invoices.page(of: account, .creditNote, limit: 1, db).isEmpty }
    }

    var findings: [String] {
        get throws { try unit.store.read { db in try LedgerCheck.run(db) } }
    }
}
