import Storage
import Web

/// `GET /api/v1/billing/profile`: who the account's invoices are made out to.
struct ShowBillingProfile: Endpoint {
    struct Answer: JSONOutput {
        let name: String
        let email: String
        let address: String
        /// Two letters of ISO 3166-1; empty: it was not said.
        let country: String
        let taxID: String
        let currency: String
        let daysToPay: Int
        let taxRates: [TaxRateView]

        enum CodingKeys: String, CodingKey {
            case name, email, address, country, currency
            case taxID = "tax_id"
            case daysToPay = "days_to_pay"
            case taxRates = "tax_rates"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in try answer(accountID, db) }
    }

    static func answer(_ accountID: Int64, _ db: borrowing Database) throws -> Answer {
        let profile = try BillingProfiles.find(accountID, db)
        return Answer(
            name: profile.name,
            email: profile.email,
            address: profile.address,
            country: profile.country,
            taxID: profile.taxID,
            currency: try Accounts.currency(of: accountID, db).code,
            daysToPay: profile.daysToPay ?? Invoices.daysToPay,
            taxRates: try TaxRates.of(profile, db).map(TaxRateView.init)
        )
    }
}

/// `PUT /api/v1/billing/profile`: for the invoices from now on; what is left out is empty.
struct SetBillingProfile: Endpoint {
    struct Input: Codable, Sendable {
        let name: Text<0, 200>?
        let email: Email?
        let address: Text<0, 500>?
        let country: Country?
        let taxID: Text<0, 50>?

        enum CodingKeys: String, CodingKey {
            case name, email, address, country
            case taxID = "tax_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ShowBillingProfile.Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.store.write { db in
            var profile = try BillingProfiles.find(accountID, db)
            profile.name = input.name?.value ?? ""
            profile.email = input.email?.value ?? ""
            profile.address = input.address?.value ?? ""
            profile.country = input.country?.code ?? ""
            profile.taxID = input.taxID?.value ?? ""
            try BillingProfiles.set(profile, of: accountID, at: now, db)
            try Audit.record(
                .billingProfileChanged,
                by: caller,
                account: accountID,
                target: "account:\(accountID)",
                detail: [.init("country", .string(profile.country)), .init("tax_id", .string(profile.taxID))],
                at: now,
                db
            )
            return try ShowBillingProfile.answer(accountID, db)
        }
    }
}

/// `PUT /api/v1/admin/accounts/{id}/billing-terms`: what operators agree with an account; what is left out is
/// as for everybody.
struct SetBillingTerms: Endpoint {
    struct Input: Codable, Sendable {
        /// The account's.
        let id: Int64
        let daysToPay: Whole<0, 365>?
        /// Ids; an empty list: the account pays no taxes.
        let taxRates: [Int64]?

        enum CodingKeys: String, CodingKey {
            case id
            case daysToPay = "days_to_pay"
            case taxRates = "tax_rates"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ShowBillingProfile.Answer {
        let now = app.now()
        let ids = input.taxRates
        guard ids?.count ?? 0 <= 10 else { throw Failure.invalid("tax_rates", "must be at most 10") }
        guard Set(ids ?? []).count == ids?.count ?? 0 else {
            throw Failure.invalid("tax_rates", "must name each rate once")
        }
        return try await app.store.write { db in
            guard try Accounts.find(input.id, db) != nil else { throw Failure.notFound("Account not found") }
            for id in ids ?? [] where try TaxRates.find(id, db)?.archivedAt != nil || TaxRates.find(id, db) == nil {
                throw Failure.invalid("tax_rates", "names the rate \(id), which is not there or archived")
            }
            var profile = try BillingProfiles.find(input.id, db)
            profile.daysToPay = input.daysToPay.map { Int($0.value) }
            profile.taxRates = ids
            try BillingProfiles.set(profile, of: input.id, at: now, db)
            try Audit.record(
                .billingTermsChanged,
                by: caller,
                account: input.id,
                target: "account:\(input.id)",
                detail: [
                    .init("days_to_pay", profile.daysToPay.map { .integer(Int64($0)) } ?? .null),
                    .init("tax_rates", ids.map { .array($0.map { .integer($0) }) } ?? .null),
                ],
                at: now,
                db
            )
            return try ShowBillingProfile.answer(input.id, db)
        }
    }
}
