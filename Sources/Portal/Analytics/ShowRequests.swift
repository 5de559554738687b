import Web

/// The days and the grouping of an analytics request.
struct ReportInput: Codable, Sendable {
    static let mostDays = 366

    /// Both are part of the period; unless told, the last 30 days.
    let from: Day?
    let to: Day?
    let groupBy: RequestReport.Grouping?

    enum CodingKeys: String, CodingKey {
        case from, to
        case groupBy = "group_by"
    }

    /// - Throws: ``Failure`` 400.
    func days(upTo today: Day, most: Int = mostDays) throws -> ClosedRange<Day> {
        let last = to ?? max(today, from ?? today)
        let first = from ?? Day(number: last.number - 29)
        guard first <= last else { throw Failure.invalid("from", "must not be after to") }
        guard last.number - first.number < most else {
            throw Failure.invalid("from", "must lie at most \(most) days before to")
        }
        return first...last
    }

    func report(by caller: Caller, in app: App) async throws -> RequestReport {
        let accountID = try caller.requireHolder().accountID
        let (days, grouping, store) = (try days(upTo: app.now().day), groupBy ?? .endpoint, app.store)
        // A year of a busy account is more than a worker thread should be held for.
        return try await OwnThread.run(named: "purser-report") {
            try store.read { db in
                try RequestReport(account: accountID, days, by: grouping, category: { categories[$0] }, db)
            }
        }
    }
}

private let categories = Dictionary(routes.map { ($0.operationName, $0.category.rawValue) }) { first, _ in first }

/// `GET /api/v1/analytics/requests`: the account's requests by endpoint, status, key, day or category, beside those of
/// as many days before, and how long they took.
///
/// From daily roll-ups: it costs the same whatever is behind them.
struct ShowRequests: Endpoint {
    struct Group: Codable, Sendable {
        let name: String
        let label: String?
        let requests: Int64
        /// Of the period before.
        let previousRequests: Int64
        /// Percent; from nothing to something is 100.
        let change: Double
        /// Percent of all requests of the period.
        let share: Double
        /// Answered with 400 or above.
        let errors: Int64
        /// Percent of its requests.
        let errorRate: Double
        // Milliseconds within which that many percent were answered; null where it was not measured.
        let p50: Nullable<Double>
        let p95: Nullable<Double>
        let p99: Nullable<Double>

        enum CodingKeys: String, CodingKey {
            case name, label, requests, change, share, errors
            case previousRequests = "previous_requests"
            case errorRate = "error_rate"
            case p50 = "p50_ms"
            case p95 = "p95_ms"
            case p99 = "p99_ms"
        }

        init(_ group: RequestReport.Group, of total: Int64) {
            (name, label, requests) = (group.name, group.label, group.requests)
            (previousRequests, errors) = (group.previous, group.errors)
            let isNew = group.previous == 0 && group.requests > 0
            change = isNew ? 100 : Percent.of(group.requests - group.previous, in: group.previous)
            share = Percent.of(group.requests, in: total)
            errorRate = Percent.of(group.errors, in: group.requests)
            (p50, p95, p99) = (
                Nullable(group.latency?.milliseconds(within: 0.5)),
                Nullable(group.latency?.milliseconds(within: 0.95)),
                Nullable(group.latency?.milliseconds(within: 0.99))
            )
        }
    }

    struct Answer: JSONOutput {
        let from: Day
        let to: Day
        let groupBy: RequestReport.Grouping
        let total: Group
        /// Days in their order, the others by requests.
        let groups: [Group]

        enum CodingKeys: String, CodingKey {
            case from, to, total, groups
            case groupBy = "group_by"
        }
    }

    static func handle(_ input: ReportInput, by caller: Caller, in app: App) async throws -> Answer {
        let report = try await input.report(by: caller, in: app)
        let all = report.total.requests
        return Answer(
            from: report.days.lowerBound,
            to: report.days.upperBound,
            groupBy: report.grouping,
            total: Group(report.total, of: all),
            groups: report.groups.map { Group($0, of: all) }
        )
    }
}

/// `GET /api/v1/analytics/requests.csv`: the same as a file.
struct ExportRequests: Endpoint {
    static func handle(_ input: ReportInput, by caller: Caller, in app: App) async throws -> CSVFile {
        let report = try await input.report(by: caller, in: app)
        let name = "requests-\(report.days.lowerBound.text)-\(report.days.upperBound.text).csv"
        return CSVFile(name) { write in
            try write(
                CSV.line([
                    report.grouping.rawValue, "label", "requests", "previous_requests", "errors", "p50_ms", "p95_ms",
                    "p99_ms",
                ])
            )
            for group in report.groups {
                let times = [0.5, 0.95, 0.99].map { group.latency?.milliseconds(within: $0).map { "\($0)" } ?? "" }
                let counts = [group.requests, group.previous, group.errors].map { "\($0)" }
                try write(CSV.line([group.name, group.label ?? ""] + counts + times))
            }
        }
    }
}

/// Shares in percent, to two decimals.
enum Percent {
    /// 0 of nothing.
    static func of(_ part: Int64, in whole: Int64) -> Double {
        guard whole != 0 else { return 0 }
        return (Double(part) / Double(whole) * 10_000).rounded() / 100
    }
}
