import Storage
import Web

struct CouponView: JSONOutput {
    let id: Int64
    let code: String
    let name: String
    /// Of the bill, of what coupons before it left; null: an amount.
    let percent: Nullable<UnitPrice>
    let amount: Nullable<Amount>
    let currency: Nullable<String>
    /// On how many invoices it takes something off; null: on all.
    let invoices: Nullable<Int64>
    let mostAccounts: Nullable<Int64>
    /// How many have redeemed it.
    let accounts: Int64
    /// Until when it can be redeemed.
    let validUntil: Nullable<Timestamp>
    let createdAt: Timestamp
    let archivedAt: Nullable<Timestamp>

    enum CodingKeys: String, CodingKey {
        case id, code, name, percent, amount, currency, invoices, accounts
        case mostAccounts = "most_accounts"
        case validUntil = "valid_until"
        case createdAt = "created_at"
        case archivedAt = "archived_at"
    }

    init(_ coupon: Coupons.Coupon) {
        (id, code, name) = (coupon.id, coupon.code, coupon.name)
        let (percent, money) = coupon.reduction.shown
        (self.percent, amount) = (Nullable(percent), Nullable(money.map { Amount($0) }))
        currency = Nullable(money?.currency.code)
        (invoices, mostAccounts) = (Nullable(coupon.invoices), Nullable(coupon.mostAccounts))
        (accounts, validUntil) = (coupon.accounts, Nullable(coupon.validUntil))
        (createdAt, archivedAt) = (coupon.createdAt, Nullable(coupon.archivedAt))
    }
}

extension Discount.Reduction {
    /// Per cent, or an amount.
    var shown: (percent: UnitPrice?, money: Money?) {
        switch self {
        case .percent(let points): (UnitPrice(micros: points * 10_000), nil)
        case .amount(let money): (nil, money)
        }
    }
}

/// `GET /api/v1/admin/coupons`: newest first, archived ones too.
struct ListCoupons: Endpoint {
    struct Answer: JSONOutput {
        let data: [CouponView]
        /// Null on the last page.
        let nextCursor: Nullable<Int64>

        enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: ListTaxRates.Input, by caller: Caller, in app: App) async throws -> Answer {
        let limit = input.limit?.value ?? 50
        return try app.store.read { db in
            // One more than is shown tells whether there is another page.
            let coupons = try Coupons.list(before: input.cursor ?? .max, limit: limit + 1, db)
            let shown = coupons.prefix(Int(limit))
            return Answer(
                data: shown.map(CouponView.init),
                nextCursor: Nullable(coupons.count > shown.count ? shown.last?.id : nil)
            )
        }
    }
}

/// `POST /api/v1/admin/coupons`.
struct CreateCoupon: Endpoint {
    struct Input: Codable, Sendable {
        let code: CouponCode
        let name: Text<1, 100>
        /// From 0.01 to 100; either this or `amount` with its `currency`.
        let percent: UnitPrice?
        let amount: UnitPrice?
        let currency: Currency?
        let invoices: Whole<1, 1_000_000>?
        let mostAccounts: Whole<1, 1_000_000_000>?
        let validUntil: Timestamp?

        enum CodingKeys: String, CodingKey {
            case code, name, percent, amount, currency, invoices
            case mostAccounts = "most_accounts"
            case validUntil = "valid_until"
        }

        fileprivate func reduction() throws -> Discount.Reduction {
            switch (percent, amount, currency) {
            case (let percent?, nil, nil):
                let (points, rest) = percent.micros.quotientAndRemainder(dividingBy: 10_000)
                guard rest == 0, (1...Discount.wholeBasisPoints).contains(points) else {
                    throw Failure.invalid("percent", "must be from 0.01 to 100, with at most two decimals")
                }
                return .percent(basisPoints: points)
            case (nil, let amount?, let currency?):
                let money = try Money(amount, in: currency, field: "amount")
                guard money.minor > 0 else { throw Failure.invalid("amount", "must be greater than 0") }
                return .amount(money)
            default:
                throw Failure.badRequest(
                    "A coupon takes a percentage or an amount of a currency",
                    code: "percent_or_amount"
                )
            }
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<CouponView> {
        let new = Coupons.New(
            code: input.code.value,
            name: input.name.value,
            reduction: try input.reduction(),
            invoices: input.invoices?.value,
            mostAccounts: input.mostAccounts?.value,
            validUntil: input.validUntil
        )
        let now = app.now()
        return try await app.commit(by: caller) { db in
            guard let id = try Coupons.insert(new, at: now, db) else {
                throw Failure.conflict("There is a coupon with this code already", code: "coupon_exists")
            }
            try Audit.record(
                .couponCreated,
                by: caller,
                account: nil,
                target: "coupon:\(id)",
                detail: [.init("code", .string(new.code))],
                at: now,
                db
            )
            return Created(try ChangeCoupon.view(id, db))
        }
    }
}

/// `PATCH /api/v1/admin/coupons/{id}`: archives it, or takes it out of the archive. Who has it keeps it.
struct ChangeCoupon: Endpoint {
    static func handle(_ input: ChangeTaxRate.Input, by caller: Caller, in app: App) async throws -> CouponView {
        let now = app.now()
        return try await app.store.write { db in
            _ = try view(input.id, db)
            try Coupons.setArchived(input.archived, input.id, at: now, db)
            try Audit.record(
                .couponChanged,
                by: caller,
                account: nil,
                target: "coupon:\(input.id)",
                detail: [.init("archived", .bool(input.archived))],
                at: now,
                db
            )
            return try view(input.id, db)
        }
    }

    fileprivate static func view(_ id: Int64, _ db: borrowing Database) throws -> CouponView {
        guard let coupon = try Coupons.find(id, db) else { throw Failure.notFound("Coupon not found") }
        return CouponView(coupon)
    }
}
