import Storage
import Web

/// Holds payments, refunds, disputes and the provider's balance against ours, to the cent, for all that the provider
/// made since a moment. It changes nothing.
struct BookComparison: Sendable {
    let stripe: StripeClient
    let store: Store
    let since: Timestamp

    /// What the provider has, by its lists.
    private struct Theirs {
        let charges: [JSONValue]
        let refunds: [JSONValue]
        let disputes: [JSONValue]
        /// What each charge, refund or dispute moved, in the provider's units of its currency.
        var moved: [String: (amount: Int64, currency: String)] = [:]
    }

    /// - Returns: what differs, and how many payments were compared.
    func run() async throws -> (drift: [Drift], payments: Int) {
        let theirs = try await fetch()
        var drift: [Drift] = []
        var seen: Set<String> = []
        for charge in theirs.charges {
            guard charge["paid"] == .bool(true), let intent = charge["payment_intent"]?.string else { continue }
            seen.insert(intent)
            drift += try compare(charge, intent, theirs)
        }
        drift += try theirs.refunds.compactMap(compare(refund:))
        drift += try theirs.disputes.compactMap(compare(dispute:))
        return (drift + (try await unknown(apartFrom: seen)), seen.count)
    }

    private func fetch() async throws -> Theirs {
        let window = [("created[gte]", "\(since.seconds)")]
        var theirs = Theirs(
            charges: try await stripe.list("/v1/charges", window),
            refunds: try await stripe.list("/v1/refunds", window),
            disputes: try await stripe.list("/v1/disputes", window)
        )
        for entry in try await stripe.list("/v1/balance_transactions", window) {
            guard let source = entry["source"]?.string, let amount = entry["amount"]?.integer,
                let currency = entry["currency"]?.string
            else { continue }
            let before = theirs.moved[source]?.amount ?? 0
            theirs.moved[source] = (try before.plus(amount), currency)
        }
        return theirs
    }

    private func compare(_ charge: JSONValue, _ intent: String, _ theirs: Theirs) throws -> [Drift] {
        guard let id = charge["id"]?.string, let amount = charge["amount"]?.integer else { return [] }
        guard let payment = try store.read({ db in try Payments.find(intent, db) }) else {
            guard let account = try account(of: charge) else { return [] }
            let there = "\(amount) \(charge["currency"]?.string ?? "") paid"
            return [drift(.missingPayment, id, account, "nothing", there, try booking(charge, for: account))]
        }
        let owner = payment.accountID
        var found: [Drift] = []
        let note = { (kind: Drift.Kind, object: String, here: Int64, there: Int64) in
            guard here != there else { return }
            found.append(drift(kind, object, owner, "\(here)", "\(there)", Drift.applyAgain))
        }
        let units = { (cents: Cents) in try Money(cents.value, payment.currency).providerAmount() }
        note(.amount, id, try units(payment.amount), amount)
        note(.refunds, id, try units(payment.refunded), charge["amount_refunded"]?.integer ?? 0)
        let disputes = theirs.disputes.filter { $0["charge"]?.string == id }
        let held = try disputes.reduce(Int64(0)) { sum, dispute in
            let status = dispute["status"]?.string ?? ""
            let isHeld = Disputes.Status.holdsMoney(status) || status == "lost"
            return isHeld ? try sum.plus(dispute["amount"]?.integer ?? 0) : sum
        }
        note(.disputes, disputes.first?["id"]?.string ?? id, try units(payment.disputed), held)
        let parts = [charge] + theirs.refunds.filter { $0["charge"]?.string == id } + disputes
        let moved = parts.compactMap { $0["id"]?.string }.compactMap { theirs.moved[$0] }
        // In another currency the balance holds what the bank changed it to.
        if !moved.isEmpty, moved.allSatisfy({ $0.currency == payment.currency.code }) {
            note(.balance, id, try units(payment.left), try moved.reduce(0) { try $0.plus($1.amount) })
        }
        return found
    }

    /// How a payment that is in no books here comes into them.
    private func booking(_ charge: JSONValue, for account: Int64) throws -> String {
        let currency = try store.read { db in try Accounts.currency(of: account, db) }
        return charge["currency"]?.string == currency.code
            ? "purser stripe reconcile --repair books it"
            : "none: it is not in the account's currency, \(currency.code), and stays out of the books"
    }

    private func compare(refund: JSONValue) throws -> Drift? {
        guard let effect = RefundEffect(refund) else { return nil }
        return try store.read { db in
            guard let payment = try Payments.find(effect.payment, db) else { return nil }
            let known = try Refunds.find(providerID: effect.id, db)
            guard known?.status != effect.status else { return nil }
            let here = known?.status.rawValue ?? "nothing"
            let there = effect.status.rawValue
            return drift(.missingRefund, effect.id, payment.accountID, here, there, Drift.applyAgain)
        }
    }

    private func compare(dispute: JSONValue) throws -> Drift? {
        guard let effect = DisputeEffect(dispute) else { return nil }
        return try store.read { db in
            guard let payment = try Payments.find(effect.payment, db) else { return nil }
            let known = try Disputes.find(effect.id, db)
            guard known?.status != effect.status else { return nil }
            let here = known?.status ?? "nothing"
            return drift(.missingDispute, effect.id, payment.accountID, here, effect.status, Drift.applyAgain)
        }
    }

    /// Payments of ours that its list of charges does not have.
    private func unknown(apartFrom seen: Set<String>) async throws -> [Drift] {
        var (drift, last): ([Drift], Int64) = ([], 0)
        while true {
            let (since, after) = (since, last)
            let page = try store.read { db in try Payments.list(since: since, after: after, limit: 200, db) }
            guard let end = page.last else { return drift }
            last = end.id
            for payment in page where payment.providerID.hasPrefix("pi_") && !seen.contains(payment.providerID) {
                let state = try await intentStatus(payment.providerID)
                guard state != "succeeded" else { continue }
                let here = "\(Money(payment.amount.value, payment.currency).text) \(payment.currency.code) received"
                let repair = "look it up at the provider; if it is really not there, give the account no credit for it"
                drift.append(
                    self.drift(.unknownPayment, payment.providerID, payment.accountID, here, state ?? "nothing", repair)
                )
            }
        }
    }

    private func intentStatus(_ id: String) async throws -> String? {
        do {
            return try await stripe.get("/v1/payment_intents/\(id)", [], .background)["status"]?.string
        } catch let error as StripeError where error.isMissing {
            return nil
        }
    }

    private func account(of charge: JSONValue) throws -> Int64? {
        guard let customer = charge["customer"]?.string else { return nil }
        return try store.read { db in try Accounts.find(stripeCustomer: customer, db) }
    }

    private func drift(
        _ kind: Drift.Kind,
        _ object: String,
        _ account: Int64,
        _ here: String,
        _ there: String,
        _ repair: String
    ) -> Drift {
        Drift(kind: kind, object: object, account: Nullable(account), here: here, there: there, repair: repair)
    }
}
