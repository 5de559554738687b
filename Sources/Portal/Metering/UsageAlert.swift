import Storage
import Web

/// What an account is told: mails to those who pay its bills, and its webhooks.
struct UsageAlert: Sendable {
    let standing: UsageAlerts.Standing
    /// The step that was reached.
    let percent: Int64
    let month: Month

    /// The one place that tells of a step.
    func tell(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try Self.mail(letter, to: accountID, at: now, db)
        let message = sentences.joined(separator: " ")
        try Notifications.add(.usageAlert, letter.subject, message, account: accountID, at: now, db)
        switch standing.subject {
        case .meter(let meter):
            let payload = UsagePayload(
                month: month.text,
                meter: meter.rawValue,
                percent: percent,
                used: standing.used,
                limit: standing.limit
            )
            try Webhooks.publish(.usageThreshold, account: accountID, data: payload, at: now, db)
            guard meter == .calls, percent >= 100 else { return }
            let exceeded = LimitPayload(app: nil, used: standing.used, limit: standing.limit)
            try Webhooks.publish(.usageLimitExceeded, account: accountID, data: exceeded, at: now, db)
        case .budget(let stops):
            let payload = BudgetPayload(
                month: month.text,
                percent: percent,
                spent: Dollars(micros: standing.used),
                budget: Dollars(micros: standing.limit),
                stops: stops
            )
            try Webhooks.publish(.budgetReached, account: accountID, data: payload, at: now, db)
        }
    }

    /// The one place that tells that it is over.
    /// - Parameter standing: how the limit stands now; nil when there is none any more.
    static func tellResolved(
        _ name: String,
        _ standing: UsageAlerts.Standing?,
        _ accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let words = standing.map { Words($0) }
        let letter = Letter(
            subject: "Your \(name == "budget" ? "spending" : "use of \(name)") is within its limit again",
            [
                .text(
                    words.map { "\($0.used) of \($0.limit) are used in \(now.month.text)." }
                        ?? "There is no such limit any more."
                )
            ]
        )
        try mail(letter, to: accountID, at: now, db)
        guard let standing, case .meter(let meter) = standing.subject else { return }
        let payload = UsagePayload(
            month: now.month.text,
            meter: meter.rawValue,
            percent: UsageAlerts.percent(standing.used, of: standing.limit),
            used: standing.used,
            limit: standing.limit
        )
        try Webhooks.publish(.usageResolved, account: accountID, data: payload, at: now, db)
    }

    private static func mail(_ letter: Letter, to id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        // Owners, admins and billing members.
        for email in try Accounts.emails(of: id, whoMay: .bill, db) {
            try Mails.queue(letter, to: email, account: id, at: now, db)
        }
    }

    private var letter: Letter {
        Letter(subject: "\(percent) % of your \(Words(standing).noun) is used", sentences.map { .text($0) })
    }

    private var sentences: [String] {
        let words = Words(standing)
        return ["\(words.used) of \(words.limit) are used in \(month.text).", words.consequence(percent)]
    }
}

/// How a limit is spoken of.
private struct Words {
    let noun: String
    let used: String
    let limit: String
    private let subject: UsageAlerts.Subject

    init(_ standing: UsageAlerts.Standing) {
        subject = standing.subject
        switch standing.subject {
        case .meter(let meter):
            noun = "monthly limit of \(meter.rawValue)"
            (used, limit) = ("\(standing.used)", "\(standing.limit) \(meter.rawValue)")
        case .budget:
            noun = "monthly budget"
            (used, limit) = (
                "$\(Dollars(micros: standing.used).cents.dollars.text)", "$\(Dollars(micros: standing.limit).text)"
            )
        }
    }

    func consequence(_ percent: Int64) -> String {
        switch subject {
        case .budget(stops: true):
            percent < 100 ? "At 100 % further use is refused, as you asked for." : "Further use is refused."
        case .budget(stops: false): "This is for your information: nothing is refused."
        case .meter(.calls):
            percent < 100
                ? "Past the limit, calls are billed or refused, as your plan says; at 120 % they are refused."
                : "Calls past the limit are billed or refused, as your plan says; past 120 % they are refused."
        case .meter: percent < 100 ? "Past the limit, use is refused." : "Further use is refused."
        }
    }
}
