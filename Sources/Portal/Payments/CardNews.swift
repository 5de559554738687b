import Storage
import Web

/// How our list of cards follows the provider's: whatever is heard of a customer's cards, all of them are fetched.
/// So it does not matter in which order events come, or whether each comes.
extension PaymentMethods {
    /// For the events `payment_method.*`, `setup_intent.succeeded` and `customer.*`.
    /// - Parameter object: what they are about, by whatever way it came.
    /// - Returns: false where it is nobody's here.
    static func hear(_ object: JSONValue, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        let id = object["id"]?.string
        let customer = object["object"]?.string == "customer" ? id : object["customer"]?.string
        // One that was taken away names no customer any more.
        let accountID =
            try customer.flatMap { try Accounts.find(stripeCustomer: $0, db) } ?? id.flatMap { try account(of: $0, db) }
        guard let accountID else { return false }
        try fetchLater(of: accountID, at: now, db)
        return true
    }

    /// Has the outbox fetch an account's cards.
    static func fetchLater(of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        let key = "purser-cards-\(accountID)-\(now.milliseconds)"
        try OutboxRows.insert(.stripeCards, accountID: accountID, .object([]), key: key, at: now, db)
    }

    /// The outbox's part.
    static func fetch(of accountID: Int64, _ stripe: StripeClient, _ app: App) async throws {
        let begun = app.now()
        guard let customer = try app.store.read({ db in try Accounts.customer(accountID, db) })?.stripeCustomerID else {
            return
        }
        let path = "/v1/customers/\(PercentCoding.encode(customer))"
        let found = try await stripe.get(path, [], .background)
        var cards: [JSONValue] = []
        if found["deleted"] != .bool(true),
            case .array(let items)? = try await stripe.get(
                "\(path)/payment_methods",
                [("limit", "100")],
                .background
            )["data"]
        {
            cards = items
        }
        let preferred = found["invoice_settings"]?["default_payment_method"]?.string
        let kept = cards
        try await app.store.write { db in
            for card in kept { try keep(card, of: accountID, at: max(begun, app.now()), db) }
            try detach(unseenSince: begun, of: accountID, db)
            if let preferred { try setDefault(preferred, of: accountID, db) }
        }
    }
}
