import Web

/// `POST /api/v1/admin/accounts/{id}/credit`: an operator gives an account credit that costs it nothing.
struct GiveCredit: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
        /// In the account's currency.
        let amount: UnitPrice
        /// What the account reads.
        let name: Text<1, 120>?
        let expiresAt: Timestamp?
        /// Lower is spent first; 50 unless told.
        let priority: Whole<0, 100>?

        enum CodingKeys: String, CodingKey {
            case id, amount, name, priority
            case expiresAt = "expires_at"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<GrantView> {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            try Accounts.require(input.id, db)
            let currency = try Accounts.currency(of: input.id, db)
            let time = try Accounts.time(of: input.id, at: now, db)
            let amount = try Money(input.amount, "amount", in: currency)
            if let end = input.expiresAt, end <= time { throw Failure.invalid("expires_at", "must be in the future") }
            let id = try CreditGrants.give(
                amount.cents,
                kind: .promotion,
                name: input.name?.value ?? "Credit given by the operator",
                to: input.id,
                priority: input.priority?.value,
                expiresAt: input.expiresAt,
                at: time,
                db
            )
            try Audit.record(
                .creditGranted,
                by: caller,
                account: input.id,
                target: "account:\(input.id)",
                detail: [.init("amount", .string(amount.text)), .init("currency", .string(currency.code))],
                at: now,
                db
            )
            guard let id, let grant = try CreditGrants.find(id, db) else { throw Failure.notFound() }
            return Created(GrantView(grant))
        }
    }
}

/// `POST /api/v1/admin/grants/{id}/void`: an operator takes back what is left of credit that was given for nothing.
struct VoidGrant: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
    }

    struct Answer: JSONOutput {
        /// How much was taken back.
        let voided: Amount
        let currency: String
        let grant: GrantView
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let before = try CreditGrants.void(input.id, at: now, db)
            let voided = Amount(before.remaining, before.money)
            try Audit.record(
                .creditVoided,
                by: caller,
                account: before.accountID,
                target: "grant:\(input.id)",
                detail: [.init("amount", .string(voided.text)), .init("currency", .string(before.currency))],
                at: now,
                db
            )
            guard let grant = try CreditGrants.find(input.id, db) else { throw Failure.notFound() }
            return Answer(voided: voided, currency: before.currency, grant: GrantView(grant))
        }
    }
}
