import Storage

/// Money that came in. Every statement on `payment` is in this file.
enum Payments {
    /// Ten thousand times what Stripe takes at once (docs.stripe.com/currencies): beyond it sums could overflow.
    static let most = Cents(999_999_990_000)

    struct Payment: Sendable {
        let id: Int64
        let accountID: Int64
        let providerID: String
        let amount: Cents
        let refunded: Cents
        let disputed: Cents
        let refundsTold: Cents
        let currency: Currency
        let paidAt: Timestamp

        /// What has neither gone back nor is held back.
        var left: Cents { amount - refunded - disputed }
    }

    struct Implausible: Error {
        let amount: Cents
    }

    /// Posts a payment: first against the invoice it was meant for and those that are too small to be paid by
    /// themselves, then against other open ones, the oldest first, then against unbilled use; what is left is credit.
    /// - Parameters:
    ///   - amount: in minor units of `currency`.
    ///   - providerID: posts at most once, however often it is reported.
    /// - Returns: false for one that was posted before.
    /// - Throws: ``Implausible``, also for a currency that is not the account's.
    @discardableResult
    static func receive(
        _ amount: Cents,
        _ currency: Currency,
        from accountID: Int64,
        providerID: String,
        chargeID: String? = nil,
        invoiceID: Int64? = nil,
        description: String = "",
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Bool {
        guard amount > .zero else { return false }
        guard amount <= most, try Accounts.currency(of: accountID, db) == currency else {
            throw Implausible(amount: amount)
        }
        let time = try Accounts.time(of: accountID, at: now, db)
        let isNew =
            try db.run(
                """
                INSERT INTO payment (account_id, provider_id, amount, currency, paid_at, charge_id, invoice_id,
                    description) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (provider_id) DO NOTHING
                """,
                accountID,
                providerID,
                amount.value,
                currency.code,
                time.milliseconds,
                chargeID,
                invoiceID,
                description
            ) > 0
        guard isNew else { return false }
        let spending = Spending(
            paymentID: db.lastInsertID,
            accountID: accountID,
            providerID: providerID,
            currency: currency,
            at: time
        )
        try spending.use(amount, meantFor: invoiceID, db)
        let told = PaymentPayload(paymentID: providerID, amount: Amount(amount, currency), currency: currency.code)
        try Webhooks.publish(.paymentReceived, account: accountID, data: told, at: now, db)
        return true
    }

    static func find(_ providerID: String, _ db: borrowing Database) throws -> Payment? {
        try db.first(
            """
            SELECT id, account_id, provider_id, amount, refunded, disputed, refunds_told, currency, paid_at
            FROM payment WHERE provider_id = ?
            """,
            providerID,
            as: payment
        )
    }

    /// By the provider's id of the payment or of its charge.
    static func find(anyID: String, _ db: borrowing Database) throws -> Payment? {
        if let payment = try find(anyID, db) { return payment }
        return try db.first(
            """
            SELECT id, account_id, provider_id, amount, refunded, disputed, refunds_told, currency, paid_at
            FROM payment WHERE charge_id = ?
            """,
            anyID,
            as: payment
        )
    }

    static func chargeID(of id: Int64, _ db: borrowing Database) throws -> String? {
        try db.value("SELECT charge_id FROM payment WHERE id = ?", id)
    }

    static func find(id: Int64, _ db: borrowing Database) throws -> Payment? {
        try db.first(
            """
            SELECT id, account_id, provider_id, amount, refunded, disputed, refunds_told, currency, paid_at
            FROM payment WHERE id = ?
            """,
            id,
            as: payment
        )
    }

    /// Those of a span of time, by id, from the one after `id` on.
    static func list(
        since moment: Timestamp,
        after id: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Payment] {
        try db.all(
            """
            SELECT id, account_id, provider_id, amount, refunded, disputed, refunds_told, currency, paid_at
            FROM payment WHERE paid_at >= ? AND id > ? ORDER BY id LIMIT ?
            """,
            moment.milliseconds,
            id,
            limit,
            as: payment
        )
    }

    private static func payment(_ row: borrowing Row) -> Payment {
        Payment(
            id: row[0],
            accountID: row[1],
            providerID: row[2],
            amount: Cents(row[3]),
            refunded: Cents(row[4]),
            disputed: Cents(row[5]),
            refundsTold: Cents(row[6]),
            currency: Currency(row[7] as String) ?? .usd,
            paidAt: Timestamp(milliseconds: row[8])
        )
    }

    /// Keeps what the provider says of a charge as a whole: its id, and the most it has ever given back.
    static func note(chargeID: String, refunds total: Cents, of id: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE payment SET charge_id = ?, refunds_told = CASE WHEN refunds_told < ? THEN ? ELSE refunds_told END
            WHERE id = ?
            """,
            chargeID,
            total.value,
            total.value,
            id
        )
    }

    /// - Returns: false where there was a warning before.
    static func note(fraudWarning warning: String, of id: Int64, _ db: borrowing Database) throws -> Bool {
        try db.run("UPDATE payment SET fraud_warning = ? WHERE id = ? AND fraud_warning IS NULL", warning, id) > 0
    }

    static func set(refunded: Cents, disputed: Cents, of id: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE payment SET refunded = ?, disputed = ? WHERE id = ?",
            refunded.value,
            disputed.value,
            id
        )
    }

    /// - Returns: a sentence for each payment whose uses do not add up to what is left of it.
    static func check(_ db: borrowing Database) throws -> [String] {
        let uneven: [String] = try db.all(
            """
            SELECT provider_id FROM payment p WHERE amount - refunded - disputed <>
                (SELECT coalesce(sum(u.amount), 0) FROM payment_use u WHERE u.payment_id = p.id)
            """
        ) { row in "the uses of payment \(row[0] as String) do not add up to what is left of it" }
        let beyond: [String] = try db.all(
            """
            SELECT provider_id FROM payment WHERE refunded + disputed > amount
            """
        ) { row in "more went back of payment \(row[0] as String) than it brought" }
        return uneven + beyond
    }
}
