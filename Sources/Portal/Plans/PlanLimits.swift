import Storage
import Web

/// What plans allow. Every statement on `plan_limit` is in this file, but for the look-ups of ``Quota`` and
/// ``CallLimits``.
enum PlanLimits {
    /// What is allowed besides the month's units of a ``Meter``.
    enum Allowance: String, Sendable, CaseIterable {
        /// At once.
        case keys, seats, apps
        /// Calls in a day, and in all since the subscription began.
        case callsDay = "calls_day"
        case callsTotal = "calls_total"
    }

    struct Limit: Sendable, Equatable {
        /// A ``Meter`` or an ``Allowance``, by its name.
        let subject: String
        let quantity: Int64
        /// Of each unit beyond, in millionths of a dollar; nil: there are none beyond. Calls alone have it.
        var overage: UnitPrice?
    }

    static func list(of planID: Int64, _ db: borrowing Database) throws -> [Limit] {
        try db.all(
            "SELECT meter, quantity, overage_micros FROM plan_limit WHERE plan_id = ? ORDER BY meter",
            planID
        ) { row in
            Limit(subject: row[0], quantity: row[1], overage: (row[2] as Int64?).map { UnitPrice(micros: $0) })
        }
    }

    /// Puts these in the place of all that the plan had.
    static func set(_ limits: [Limit], of planID: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM plan_limit WHERE plan_id = ?", planID)
        for limit in limits {
            try db.run(
                "INSERT INTO plan_limit (plan_id, meter, quantity, overage_micros) VALUES (?, ?, ?, ?)",
                planID,
                limit.subject,
                limit.quantity,
                limit.overage?.micros
            )
        }
    }

    /// What the account's plan allows of a meter in a month; nil without a limit.
    static func find(_ meter: Meter, ofAccount id: Int64, _ db: borrowing Database) throws -> Int64? {
        try find(subject: meter.rawValue, ofAccount: id, db)
    }

    /// How many of them an account may have; nil: as many as it likes.
    static func find(_ allowance: Allowance, ofAccount id: Int64, _ db: borrowing Database) throws -> Int64? {
        try find(subject: allowance.rawValue, ofAccount: id, db)
    }

    private static func find(subject: String, ofAccount id: Int64, _ db: borrowing Database) throws -> Int64? {
        try db.value(
            """
            SELECT l.quantity FROM account a JOIN plan_limit l ON l.plan_id = a.plan_id AND l.meter = ?
            WHERE a.id = ?
            """,
            subject,
            id
        )
    }
}

/// A limit as operators write it and pages read it:
/// `{"subject": "calls", "quantity": 100000, "overage_price": 0.0005}`.
struct PlanLimitForm: StrictForm {
    let subject: String
    let quantity: Whole<0, 2_000_000_000>
    var overagePrice: UnitPrice?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case subject, quantity
        case overagePrice = "overage_price"
    }

    init(_ limit: PlanLimits.Limit) {
        subject = limit.subject
        quantity = Whole(limit.quantity) ?? .sample
        overagePrice = limit.overage
    }

    /// - Throws: ``Failure`` 400 for a subject that there is not, one that stands twice, and for a price of what cannot
    ///   go beyond.
    static func limits(_ forms: [Strict<PlanLimitForm>]) throws -> [PlanLimits.Limit] {
        let known = Meter.allCases.map(\.rawValue) + PlanLimits.Allowance.allCases.map(\.rawValue)
        var seen: Set<String> = []
        return try forms.enumerated().map { position, strict in
            let form = strict.form
            guard known.contains(form.subject), seen.insert(form.subject).inserted else {
                let names = known.joined(separator: ", ")
                throw Failure.invalid("limits[\(position)].subject", "must be one of \(names), each once")
            }
            if let price = form.overagePrice {
                guard form.subject == Meter.calls.rawValue, price.micros <= Prices.highestMicros else {
                    throw Failure.invalid("limits[\(position)].overage_price", "is for calls, of at most 1000 dollars")
                }
            }
            return PlanLimits.Limit(
                subject: form.subject,
                quantity: form.quantity.value,
                overage: form.overagePrice
            )
        }
    }
}
