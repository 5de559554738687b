import Web

/// `GET /api/v1/alerts`: the steps of limits and of the budget that were reached this month, newest first.
struct ListAlerts: Endpoint {
    struct Alert: Codable, Sendable {
        /// `shots`, `inferences`, `calls` or `budget`.
        let subject: String
        /// The step: 80, 90, 100 or 120.
        let percent: Int64
        /// Units, or dollars for the budget.
        let limit: Figure
        /// Below the limit `warning`, from it on `critical`.
        let severity: Severity
        let message: String
        let toldAt: Timestamp
        /// When it was over; null: it still holds.
        let resolvedAt: Nullable<Timestamp>

        enum CodingKeys: String, CodingKey {
            case subject, percent, limit, severity, message
            case toldAt = "told_at"
            case resolvedAt = "resolved_at"
        }

        init(_ told: UsageAlerts.Told) {
            (subject, percent, toldAt) = (told.subject, told.percent, told.toldAt)
            limit = told.subject == "budget" ? Figure(Dollars(micros: told.limit)) : Figure(told.limit)
            severity = told.percent < 100 ? .warning : .critical
            let noun = told.subject == "budget" ? "the monthly budget" : "the monthly limit of \(told.subject)"
            message = "\(told.percent) % of \(noun) is used"
            resolvedAt = Nullable(told.resolvedAt)
        }
    }

    enum Severity: String, Codable, Sendable, CaseIterable, Documented {
        case warning, critical

        static var sample: Severity { .warning }
    }

    struct Answer: JSONOutput {
        /// As `2026-02`.
        let month: String
        let alerts: [Alert]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let month = app.now().month
        return try app.store.read { db in
            Answer(month: month.text, alerts: try UsageAlerts.list(of: accountID, in: month, db).map(Alert.init))
        }
    }
}

/// A number of units or of dollars, as a plain JSON number.
struct Figure: Codable, Sendable, JSONEncoding.Literal, Documented {
    let text: String

    static var schema: Schema { .number(description: "Units, or dollars.") }
    static var sample: Figure { Figure(0) }

    init(_ units: Int64) {
        text = "\(units)"
    }

    init(_ dollars: Dollars) {
        text = dollars.text
    }

    init(from decoder: any Decoder) throws {
        self.init(try Dollars(from: decoder))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    func writeJSON(into out: inout [UInt8]) {
        out.append(contentsOf: text.utf8)
    }
}
