import Storage
import Web

/// Payment pages that were opened at the provider. Every statement on `checkout` is in this file.
enum Checkouts {
    /// What a page is for.
    enum Purpose: Sendable {
        /// Whatever is owed; the rest becomes credit.
        case balance
        case topUp
        case invoice(Int64)
        /// The first payment; the card is kept for the next ones.
        case subscription(planPriceID: Int64)
        /// Only to keep a card.
        case card

        var name: String {
            switch self {
            case .balance: "balance"
            case .topUp: "top_up"
            case .invoice: "invoice"
            case .subscription: "subscription"
            case .card: "card"
            }
        }

        var invoiceID: Int64? { if case .invoice(let id) = self { id } else { nil } }
        var planPriceID: Int64? { if case .subscription(let id) = self { id } else { nil } }

        init?(_ name: String, invoiceID: Int64?, planPriceID: Int64?) {
            switch (name, invoiceID, planPriceID) {
            case ("balance", _, _): self = .balance
            case ("top_up", _, _): self = .topUp
            case ("invoice", let id?, _): self = .invoice(id)
            case ("subscription", _, let id?): self = .subscription(planPriceID: id)
            case ("card", _, _): self = .card
            default: return nil
            }
        }
    }

    struct Page: Sendable {
        let accountID: Int64
        let purpose: Purpose
        let isPaid: Bool
    }

    static func insert(
        _ sessionID: String,
        accountID: Int64,
        for purpose: Purpose,
        _ amount: Money,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO checkout
                (session_id, account_id, purpose, invoice_id, plan_price_id, amount, currency, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (session_id) DO NOTHING
            """,
            sessionID,
            accountID,
            purpose.name,
            purpose.invoiceID,
            purpose.planPriceID,
            amount.minor,
            amount.currency.code,
            now.milliseconds
        )
    }

    static func account(of sessionID: String, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT account_id FROM checkout WHERE session_id = ?", sessionID)
    }

    static func setPaid(_ sessionID: String, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE checkout SET status = 'paid', paid_at = ? WHERE session_id = ? AND status <> 'paid'",
            now.milliseconds,
            sessionID
        )
    }

    /// `expired` or `failed`. A paid one stays paid: events come in any order.
    /// - Returns: whether it was open.
    static func setEnded(_ sessionID: String, as status: String, _ db: borrowing Database) throws -> Bool {
        try db.run("UPDATE checkout SET status = ? WHERE session_id = ? AND status = 'open'", status, sessionID) > 0
    }

    /// The page of a session. Where we failed to note it down, the session itself says whose it is and what for.
    /// - Returns: nil for a stranger's.
    static func page(of session: JSONValue, _ db: borrowing Database) throws -> Page? {
        guard let id = session["id"]?.string else { return nil }
        let noted = try db.first(
            "SELECT account_id, purpose, invoice_id, plan_price_id, status = 'paid' FROM checkout WHERE session_id = ?",
            id
        ) { row in
            Page(
                accountID: row[0],
                purpose: Purpose(row[1], invoiceID: row[2], planPriceID: row[3]) ?? .balance,
                isPaid: row[4]
            )
        }
        if let noted { return noted }
        guard let customer = session["customer"]?.string,
            let accountID = try Accounts.find(stripeCustomer: customer, db)
        else { return nil }
        let told = session["metadata"]
        let number = { (name: String) in told?[name]?.string.flatMap { Int64($0) } }
        // What it names must be the customer's own: it came by way of the provider.
        let invoiceID = try number("purser_invoice").flatMap { id in
            try Demand.find(id, db)?.accountID == accountID ? id : nil
        }
        let purpose = Purpose(
            told?["purser_purpose"]?.string ?? "balance",
            invoiceID: invoiceID,
            planPriceID: number("purser_plan_price")
        )
        return Page(accountID: accountID, purpose: purpose ?? .balance, isPaid: false)
    }

    /// What a page brings about once the provider says that it is paid, or, where it asks for no money, completed:
    /// the money is booked, an invoice is paid, a subscription begins, cards are fetched. All of it once.
    /// - Returns: false for a session that is not paid, or not ours.
    static func paid(_ session: JSONValue, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        guard let id = session["id"]?.string, let page = try page(of: session, db) else { return false }
        switch session["payment_status"]?.string {
        case "paid":
            guard session["mode"]?.string == "payment", let told = session["amount_total"]?.integer, told > 0,
                let currency = session["currency"]?.string.flatMap({ Currency($0) }),
                try Accounts.currency(of: page.accountID, db) == currency
            else { return false }
            let intent = session["payment_intent"]
            try Payments.receive(
                Cents(try Money(providerAmount: told, currency).minor),
                currency,
                from: page.accountID,
                providerID: intent?.string ?? intent?["id"]?.string ?? id,
                invoiceID: page.purpose.invoiceID,
                at: now,
                db
            )
        case "no_payment_required" where session["status"]?.string == "complete": break
        default: return false
        }
        guard !page.isPaid else { return true }
        try setPaid(id, at: now, db)
        if page.purpose.keepsCard { try PaymentMethods.fetchLater(of: page.accountID, at: now, db) }
        if case .subscription(let planPriceID) = page.purpose {
            do {
                try Subscriptions.start(page.accountID, planPriceID, at: now, db)
            } catch is Failure {
                // It has another one by now; the money is its credit.
            }
        }
        return true
    }

    /// Pages that nobody has paid since before `moment`, the newest of many.
    static func open(
        before moment: Timestamp,
        _ db: borrowing Database
    ) throws -> [(sessionID: String, accountID: Int64)] {
        try db.all(
            """
            SELECT session_id, account_id FROM checkout WHERE status = 'open' AND created_at < ?
            ORDER BY created_at DESC LIMIT 500
            """,
            moment.milliseconds
        ) { row in (row[0], row[1]) }
    }
}

extension Checkouts.Purpose {
    /// Whether the card may be charged later without its holder.
    var keepsCard: Bool {
        switch self {
        case .subscription, .card: true
        case .balance, .topUp, .invoice: false
        }
    }
}
