import Web

/// What the partner dashboard warns of.
struct PartnerAlert: Codable, Sendable {
    enum Severity: String, Codable, Sendable, CaseIterable, Documented {
        case warning, error, critical

        static var sample: Severity { .warning }
    }

    let id: String
    let type: Severity
    let message: String

    /// In the contract's order (section 2): usage from 80 %, from 90 %, beyond the limit, where calls end, and what
    /// looks like fraud.
    static func list(_ usage: CallUsage, _ scope: ReportScope, openFlags: Int64) -> [PartnerAlert] {
        var alerts: [PartnerAlert] = []
        func add(_ id: String, _ type: Severity, _ message: String) {
            alerts.append(PartnerAlert(id: id, type: type, message: message))
        }
        let share = "\(usage.used) of this month's \(usage.limit ?? 0) API calls are used"
        if usage.reaches(percent: 90) {
            add("api-usage-critical", .critical, share)
        } else if usage.reaches(percent: 80) {
            add("api-usage-high", .warning, share)
        }
        if usage.overage > 0 {
            let calls = usage.overage == 1 ? "1 API call is" : "\(usage.overage) API calls are"
            add("api-overage", .error, "\(calls) beyond the monthly limit")
        }
        let suspended = scope.shown.filter { $0.status == .suspended }
        if usage.isSuspended {
            add("app-suspended", .critical, "API calls are refused until next month: 120% of the limit is used")
        } else if let first = suspended.first {
            let apps = suspended.count == 1 ? "The app \(first.name) is" : "\(suspended.count) apps are"
            add("app-suspended", .critical, "\(apps) suspended: API calls are refused")
        }
        if openFlags > 0 {
            let flags = openFlags == 1 ? "1 fraud flag waits" : "\(openFlags) fraud flags wait"
            add("fraud-alerts", .warning, "\(flags) to be resolved")
        }
        return alerts
    }
}
