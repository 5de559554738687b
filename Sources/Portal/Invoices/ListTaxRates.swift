import Storage
import Web

struct TaxRateView: JSONOutput {
    let id: Int64
    let name: String
    let percent: UnitPrice
    /// Where it applies by itself, if it is the default; empty: everywhere.
    let country: String
    /// Prices contain it, rather than its coming on top.
    let inclusive: Bool
    let isDefault: Bool
    let createdAt: Timestamp
    let archivedAt: Nullable<Timestamp>

    enum CodingKeys: String, CodingKey {
        case id, name, percent, country, inclusive
        case isDefault = "default"
        case createdAt = "created_at"
        case archivedAt = "archived_at"
    }

    init(_ rate: TaxRates.Rate) {
        (id, name, country) = (rate.id, rate.rate.name, rate.country)
        percent = UnitPrice(micros: rate.rate.millionths * 100)
        (inclusive, isDefault, createdAt) = (rate.rate.isInclusive, rate.isDefault, rate.createdAt)
        archivedAt = Nullable(rate.archivedAt)
    }
}

/// `GET /api/v1/admin/tax-rates`: newest first, archived ones too.
struct ListTaxRates: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 200>?
        /// `next_cursor` of the page before.
        let cursor: Int64?
    }

    struct Answer: JSONOutput {
        let data: [TaxRateView]
        /// Null on the last page.
        let nextCursor: Nullable<Int64>

        enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let limit = input.limit?.value ?? 50
        return try app.store.read { db in
            // One more than is shown tells whether there is another page.
            let rates = try TaxRates.list(before: input.cursor ?? .max, limit: limit + 1, db)
            let shown = rates.prefix(Int(limit))
            return Answer(
                data: shown.map(TaxRateView.init),
                nextCursor: Nullable(rates.count > shown.count ? shown.last?.id : nil)
            )
        }
    }
}

/// `POST /api/v1/admin/tax-rates`: a rate never changes; archive it and set another.
struct CreateTaxRate: Endpoint {
    struct Input: Codable, Sendable {
        let name: Text<1, 100>
        /// From 0 to 1000, with at most four decimals.
        let percent: UnitPrice
        let country: Country?
        let inclusive: Bool?
        let isDefault: Bool?

        enum CodingKeys: String, CodingKey {
            case name, percent, country, inclusive
            case isDefault = "default"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<TaxRateView> {
        let (millionths, rest) = input.percent.micros.quotientAndRemainder(dividingBy: 100)
        guard rest == 0, (0...TaxRate.highest).contains(millionths) else {
            throw Failure.invalid("percent", "must be from 0 to 1000, with at most four decimals")
        }
        let rate = TaxRate(name: input.name.value, millionths: millionths, isInclusive: input.inclusive ?? false)
        let new = TaxRates.New(rate: rate, country: input.country?.code ?? "", isDefault: input.isDefault ?? false)
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let id = try TaxRates.insert(new, at: now, db)
            try Audit.record(
                .taxRateCreated,
                by: caller,
                account: nil,
                target: "tax_rate:\(id)",
                detail: [.init("name", .string(rate.name)), .init("percent", .string(input.percent.text))],
                at: now,
                db
            )
            return Created(try ChangeTaxRate.view(id, db))
        }
    }
}

/// `PATCH /api/v1/admin/tax-rates/{id}`: archives it, or takes it out of the archive.
struct ChangeTaxRate: Endpoint {
    struct Input: Codable, Sendable {
        let id: Int64
        let archived: Bool
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> TaxRateView {
        let now = app.now()
        return try await app.store.write { db in
            _ = try view(input.id, db)
            try TaxRates.setArchived(input.archived, input.id, at: now, db)
            try Audit.record(
                .taxRateChanged,
                by: caller,
                account: nil,
                target: "tax_rate:\(input.id)",
                detail: [.init("archived", .bool(input.archived))],
                at: now,
                db
            )
            return try view(input.id, db)
        }
    }

    fileprivate static func view(_ id: Int64, _ db: borrowing Database) throws -> TaxRateView {
        guard let rate = try TaxRates.find(id, db) else { throw Failure.notFound("Tax rate not found") }
        return TaxRateView(rate)
    }
}
