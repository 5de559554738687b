import Web

/// `GET /billing/invoices/{user_id}`: the same list, named by user; another's is 404.
struct ListUserInvoices: Endpoint {
    struct Input: Codable, Sendable {
        let userID: Int64

        enum CodingKeys: String, CodingKey {
            case userID = "user_id"
        }
    }

    struct Answer: JSONOutput {
        let invoices: [ListInvoices.Answer.Item]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try UserAccount.find(input.userID, for: caller, in: app)
        return Answer(invoices: try ListInvoices.list(accountID, in: app).invoices)
    }
}
