import Web

/// `GET /api/v1/admin/disputes`: payments that their payers dispute, newest first, for operators.
struct ListDisputes: Endpoint {
    enum State: String, Codable, Sendable, CaseIterable, Documented {
        case open, closed

        static var sample: State { .open }
    }

    struct Input: Codable, Sendable {
        let status: State?
        let limit: Whole<1, 200>?
        /// `next_cursor` of the page before.
        let cursor: Int64?
    }

    struct Item: Codable, Sendable {
        /// The provider's.
        let id: String
        let payment: String
        let account: Int64
        let amount: Amount
        let currency: String
        /// As `fraudulent`.
        let reason: String
        /// `needs_response`, `under_review`, `won`, `lost` and so on, as the provider says.
        let status: String
        /// Until when an answer counts.
        let dueAt: Nullable<Timestamp>
        let openedAt: Timestamp
        let closedAt: Nullable<Timestamp>

        enum CodingKeys: String, CodingKey {
            case id, payment, account, amount, currency, reason, status
            case dueAt = "due_at"
            case openedAt = "opened_at"
            case closedAt = "closed_at"
        }
    }

    struct Answer: JSONOutput {
        let data: [Item]
        /// Null on the last page.
        let nextCursor: Nullable<Int64>

        enum CodingKeys: String, CodingKey {
            case data
            case nextCursor = "next_cursor"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let limit = input.limit?.value ?? 50
        // One more than is shown tells whether there is another page.
        let rows = try app.store.read { db in
            try Disputes.list(
                isOpen: input.status.map { $0 == .open },
                before: input.cursor ?? .max,
                limit: limit + 1,
                db
            )
        }
        let shown = rows.prefix(Int(limit))
        return Answer(
            data: shown.map { Item($0) },
            nextCursor: Nullable(rows.count > shown.count ? shown.last?.dispute.id : nil)
        )
    }
}

extension ListDisputes.Item {
    init(_ row: Disputes.Row) {
        self.init(
            id: row.dispute.providerID,
            payment: row.paymentProviderID,
            account: row.accountID,
            amount: Amount(row.dispute.amount, row.dispute.currency),
            currency: row.dispute.currency.code,
            reason: row.dispute.reason,
            status: row.dispute.status,
            dueAt: Nullable(row.dispute.dueAt),
            openedAt: row.dispute.openedAt,
            closedAt: Nullable(row.dispute.closedAt)
        )
    }
}
