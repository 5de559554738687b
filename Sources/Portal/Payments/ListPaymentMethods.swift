import Storage
import Web

/// A card as clients see it.
struct PaymentMethodView: Codable, Sendable {
    struct Card: Codable, Sendable {
        let brand: Nullable<String>
        let last4: Nullable<String>
        let expMonth: Nullable<Int64>
        let expYear: Nullable<Int64>

        enum CodingKeys: String, CodingKey {
            case brand, last4
            case expMonth = "exp_month"
            case expYear = "exp_year"
        }
    }

    let id: String
    let type: String
    let card: Card
    /// The same as in `card`, as another generation of clients reads them.
    let brand: Nullable<String>
    let last4: Nullable<String>
    let expMonth: Nullable<Int64>
    let expYear: Nullable<Int64>
    let created: Timestamp
    /// Charged where none is named.
    let isDefault: Bool

    enum CodingKeys: String, CodingKey {
        case id, type, card, brand, last4, created
        case expMonth = "exp_month"
        case expYear = "exp_year"
        case isDefault = "is_default"
    }

    init(_ method: PaymentMethods.Method, isDefault: Bool) {
        (id, type, created, self.isDefault) = (method.id, method.type, method.createdAt, isDefault)
        (brand, last4) = (Nullable(method.brand), Nullable(method.last4))
        (expMonth, expYear) = (Nullable(method.expiryMonth), Nullable(method.expiryYear))
        card = Card(brand: brand, last4: last4, expMonth: expMonth, expYear: expYear)
    }

    static func list(of accountID: Int64, _ db: borrowing Database) throws -> [PaymentMethodView] {
        try PaymentMethods.list(of: accountID, db).enumerated().map { place, method in
            PaymentMethodView(method, isDefault: place == 0)
        }
    }
}

/// `GET /api/v1/billing/payment-methods`: the account's cards, the one that is charged first.
struct ListPaymentMethods: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Listed<PaymentMethodView> {
        let accountID = try caller.requireHolder().accountID
        return Listed(try app.store.read { db in try PaymentMethodView.list(of: accountID, db) })
    }
}
