import Storage
import Web

/// What a customer types: letters, digits and `_.-`; small letters are taken for capitals.
struct CouponCode: Codable, Sendable, Documented {
    let value: String

    static var schema: Schema { .string(min: 1, max: 40, pattern: "^[A-Za-z0-9_.-]{1,40}$", format: nil) }
    static var sample: CouponCode { CouponCode(value: "SPRING25") }

    private init(value: String) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        let isPlain = text.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || "_.-".utf8.contains($0)
        }
        guard isPlain, (1...40).contains(text.utf8.count) else {
            throw ValueFault("must be 1 to 40 letters, digits and the characters _ . -")
        }
        value = text.uppercased()
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// A coupon as the account that has it sees it.
struct HeldCouponView: JSONOutput {
    let code: String
    let name: String
    let percent: Nullable<UnitPrice>
    let amount: Nullable<Amount>
    let currency: Nullable<String>
    /// On how many more invoices it takes something off; null: on all.
    let invoicesLeft: Nullable<Int64>

    enum CodingKeys: String, CodingKey {
        case code, name, percent, amount, currency
        case invoicesLeft = "invoices_left"
    }

    init(_ code: String, _ discount: Discount, left: Int64?) {
        let (percent, money) = discount.reduction.shown
        (self.code, name, self.percent) = (code, discount.name, Nullable(percent))
        (amount, currency) = (Nullable(money.map { Amount($0) }), Nullable(money?.currency.code))
        invoicesLeft = Nullable(left)
    }
}

/// `POST /api/v1/coupons/redeem`: from the next invoice on.
struct RedeemCoupon: Endpoint {
    struct Input: Codable, Sendable {
        let code: CouponCode
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> HeldCouponView {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let coupon = try Coupons.redeem(input.code.value, accountID, at: now, db)
            try Audit.record(
                .couponRedeemed,
                by: caller,
                account: accountID,
                target: "coupon:\(coupon.id)",
                detail: [.init("code", .string(coupon.code))],
                at: now,
                db
            )
            let discount = Discount(name: coupon.name, reduction: coupon.reduction)
            return HeldCouponView(coupon.code, discount, left: coupon.invoices)
        }
    }
}

/// `GET /api/v1/coupons`: those of the account that still take something off.
struct ListHeldCoupons: Endpoint {
    struct Answer: JSONOutput {
        let data: [HeldCouponView]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        return try app.store.read { db in
            let currency = try Accounts.currency(of: accountID, db)
            let held = try AccountCoupons.held(by: accountID, in: currency, db)
            return Answer(data: held.map { HeldCouponView($0.code, $0.discount, left: $0.invoicesLeft) })
        }
    }
}
