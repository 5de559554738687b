import Web

/// `GET /api/v1/usage/events.csv`: every use of the account in a period, oldest first, as long as it is.
struct ExportEvents: Endpoint {
    /// Events that are read at once: a few milliseconds' worth.
    private static let pageSize = 1000

    struct Input: Codable, Sendable {
        /// Both are part of the period; unless told, this month so far.
        let from: Day?
        let to: Day?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> CSVFile {
        let accountID = try caller.requireHolder().accountID
        let today = app.now().day
        let last = input.to ?? max(today, input.from ?? today)
        let first = input.from ?? last.month.firstDay
        guard first <= last else { throw Failure.invalid("from", "must not be after to") }
        let store = app.store
        return CSVFile("usage-\(first.text)-\(last.text).csv") { write in
            try write(
                CSV.line([
                    "id", "occurred_at", "recorded_at", "meter", "backend", "quantity", "unit_price", "cost", "key_id",
                    "event_id",
                ])
            )
            var position = UsageEvents.Position(occurredAt: Timestamp(day: first), id: 0)
            let end = Timestamp(day: last).adding(days: 1)
            while true {
                let after = position
                let page = try await OwnThread.run(named: "purser-export") {
                    try store.read { db in
                        try UsageEvents.page(of: accountID, after: after, until: end, limit: pageSize, db)
                    }
                }
                if !page.isEmpty { try write(page.reduce(into: []) { $0 += CSV.line($1.fields) }) }
                guard page.count == pageSize, let newest = page.last else { return }
                position = newest.position
            }
        }
    }
}

extension UsageEvents {
    /// Where in an account's events a page begins: after this one.
    struct Position: Sendable {
        let occurredAt: Timestamp
        let id: Int64

        init(occurredAt: Timestamp, id: Int64) {
            (self.occurredAt, self.id) = (occurredAt, id)
        }

        init(_ event: EventDigest.Event) {
            self.init(occurredAt: Timestamp(milliseconds: event.occurredAt), id: event.id)
        }

        /// From ``text``.
        init?(_ text: String) {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let moment = Int64(parts[0]), let id = Int64(parts[1]) else { return nil }
            self.init(occurredAt: Timestamp(milliseconds: moment), id: id)
        }

        var text: String { "\(occurredAt.milliseconds)-\(id)" }
    }

    struct Stored: Sendable {
        let position: Position
        let recordedAt: Timestamp
        let meter: String
        let backend: String
        let quantity: Int64
        let unitPrice: Dollars
        let cost: Dollars
        let keyID: Int64
        /// The client's own.
        let eventKey: String?

        /// As ``ExportEvents`` names them.
        var fields: [String] {
            [
                "\(position.id)", position.occurredAt.text, recordedAt.text, meter, backend, "\(quantity)",
                unitPrice.text, cost.text, "\(keyID)", eventKey ?? "",
            ]
        }
    }
}
