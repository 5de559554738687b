import Web

/// `GET /api/v1/admin/billing/customers`: accounts, the newest first, in the words of account billing's older clients.
struct ListBillingCustomers: Endpoint {
    struct Input: Codable, Sendable {
        let limit: Whole<1, 1000>?
    }

    struct Customer: Codable, Sendable {
        struct Metadata: Codable, Sendable {
            let plan: String
            let stripeCustomerID: Nullable<String>

            enum CodingKeys: String, CodingKey {
                case plan
                case stripeCustomerID = "stripe_customer_id"
            }
        }

        /// The account's.
        let id: String
        let email: String
        let name: String
        let created: Timestamp
        let metadata: Metadata
    }

    struct Answer: JSONOutput {
        let customers: [Customer]
        /// All, shown or not.
        let total: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let filter = AccountReport.Filter(limit: input.limit?.value ?? 100)
        return try await LongRead.run(app.store) { db in
            let customers = try AccountReport.list(filter, db).map { it in
                Customer(
                    id: "\(it.account.id)",
                    email: it.email,
                    name: it.account.name,
                    created: it.createdAt,
                    metadata: .init(plan: it.plan.code, stripeCustomerID: Nullable(it.stripeCustomerID))
                )
            }
            return Answer(customers: customers, total: try Accounts.count(db))
        }
    }
}
