import Web

/// `GET /analytics/usage`: totals of all time and the last 30 UTC days, from roll-ups: the page costs the same with
/// ten events behind it or ten million.
struct ShowUsage: Mocked {
    static let days = 30
    static let shotsPerMolecule: Int64 = 100

    struct Answer: JSONOutput {
        struct Daily: Codable, Sendable {
            /// Oldest first, as `2025-01-01`.
            let dates: [String]
            let shots: [Int64]
        }

        let totalShots: Int64
        let totalSpent: Dollars
        let moleculesDesigned: Int64
        let backendsUsed: Int
        let backends: [String: Int64]
        let dailyUsage: Daily

        enum CodingKeys: String, CodingKey {
            case backends
            case totalShots = "total_shots"
            case totalSpent = "total_spent"
            case moleculesDesigned = "molecules_designed"
            case backendsUsed = "backends_used"
            case dailyUsage = "daily_usage"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let today = app.now().day
        let (totals, daily) = try app.store.read { db in
            (
                try UsageTotals.list(.shots, of: accountID, db),
                try UsageRollups.daily(.shots, of: accountID, days: days, upTo: today, db)
            )
        }
        let shots = totals.reduce(0) { $0 + $1.quantity }
        return Answer(
            totalShots: shots,
            totalSpent: Dollars(micros: totals.reduce(0) { $0 + $1.micros }).cents.dollars,
            moleculesDesigned: shots / shotsPerMolecule,
            backendsUsed: totals.count { $0.quantity > 0 },
            backends: Dictionary(totals.filter { $0.quantity > 0 }.map { ($0.backend, $0.quantity) }) { $0 + $1 },
            dailyUsage: Answer.Daily(dates: daily.map(\.day.text), shots: daily.map(\.quantity))
        )
    }

    static func mock(_ input: Empty, by caller: Caller, at now: Timestamp) -> Answer {
        let days = (0..<Self.days).map { Day(number: now.day.number - Self.days + 1 + $0) }
        return Answer(
            totalShots: 15_000,
            totalSpent: Cents(250_050).dollars,
            moleculesDesigned: 45,
            backendsUsed: 4,
            backends: ["ibm_quantum": 8000, "ionq": 4000, "simulator": 2500, "aws_braket": 500],
            dailyUsage: Answer.Daily(
                dates: days.map(\.text),
                shots: days.indices.map { 320 + Int64($0 * 37 % 11) * 36 }
            )
        )
    }
}
