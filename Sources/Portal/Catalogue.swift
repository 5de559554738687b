import Storage

/// The plans and prices that a store begins with. They are rows from then on, and the operator's to change.
enum Catalogue {
    private static let always = Day(number: 0)

    /// What a store of any age needs beyond its schema before it is served: the plans there are, and what a migration
    /// cannot do in SQL alone.
    static func complete(at now: Timestamp, _ db: borrowing Database) throws {
        try install(db)
        if try StoreMarks.find(.closesSet, db) == nil {
            try Accounts.setMissingCloses(at: now, db)
            try StoreMarks.put(.closesSet, "", db)
        }
        try Plans.setMissingTimes(at: now, db)
        guard try StoreMarks.find(.digestsDue, db) != nil else { return }
        try UsageTotals.makeDigests(db)
        try StoreMarks.remove(.digestsDue, db)
    }

    /// Writes those that the store has never had. A plan is never deleted, so what is there was installed, and whatever
    /// an operator made of it stays.
    static func install(_ db: borrowing Database) throws {
        let isNew = try Plans.isEmpty(db)
        for entry in metered + partner + billing where try Plans.find(code: entry.code, db) == nil {
            let id = try Plans.put(entry.code, entry.terms, db)
            for (interval, items) in entry.prices {
                let prices = try PlanPrices(currency: .usd, items: items)
                let from = Timestamp(day: always)
                _ = try PlanVersions.insert(prices, every: interval, of: id, from: from, at: from, db)
            }
        }
        guard isNew else { return }
        for (name, micros, isSimulator) in shotPrices {
            try Prices.put(.shots, name, unitMicros: micros, isSimulator: isSimulator, from: always, db)
        }
        try Prices.put(.inferences, "family:other", unitMicros: 0, isSimulator: false, from: always, db)
    }

    private struct Entry {
        let code: String
        let terms: Plans.Terms
        /// Without any it is given by an operator, and costs what is used.
        var prices: [(BillingInterval, [PlanPrices.Item])] = []
    }

    private static func limits(
        _ meters: KeyValuePairs<Meter, Int64> = [:],
        _ allowances: KeyValuePairs<PlanLimits.Allowance, Int64> = [:],
        callsBeyond overage: UnitPrice? = nil
    ) -> [PlanLimits.Limit] {
        meters.map { meter, quantity in
            PlanLimits.Limit(
                subject: meter.rawValue,
                quantity: quantity,
                overage: meter == .calls ? overage : nil
            )
        } + allowances.map { PlanLimits.Limit(subject: $0.rawValue, quantity: $1) }
    }

    private static func fee(_ name: String, dollars: Int64) -> PlanPrices.Item {
        PlanPrices.Item(name: "base", label: name, model: .flat(UnitPrice(micros: dollars * UnitPrice.perMajor)))
    }

    /// The metered API's plans, which are the developer dashboard's tiers too (contract, sections 1 and 3).
    private static let metered = [
        Entry(
            code: Plans.free,
            terms: Plans.Terms(
                name: "Free",
                isPrepaid: true,
                simulatorsOnly: true,
                limits: limits([.shots: 100, .inferences: 100, .calls: 1_000], [.keys: 3])
            )
        ),
        Entry(
            code: "pro",
            terms: Plans.Terms(
                name: "Pro",
                limits: limits([.shots: 500_000, .inferences: 50_000, .calls: 50_000])
            )
        ),
        Entry(code: "enterprise", terms: Plans.Terms(name: "Enterprise")),
    ]

    /// The partner program's (contract, section 2).
    private static let partner = [
        partnerPlan("Free", monthly: 0, yearly: 0, calls: 10_000, apps: 1, overageMicros: nil),
        partnerPlan("Growth", monthly: 49, yearly: 470, calls: 100_000, apps: 5, overageMicros: 500),
        partnerPlan("Pro", monthly: 199, yearly: 1_910, calls: 500_000, apps: 20, overageMicros: 400),
        partnerPlan("Enterprise", monthly: 999, yearly: 9_590, calls: 5_000_000, apps: 100, overageMicros: 300),
    ]

    private static func partnerPlan(
        _ name: String,
        monthly: Int64,
        yearly: Int64,
        calls: Int64,
        apps: Int64,
        overageMicros: Int64?
    ) -> Entry {
        let overage = overageMicros.map { UnitPrice(micros: $0) }
        let beyond = overageMicros.map { "$0.\($0 / 10) per 1,000 calls beyond" }
        return Entry(
            code: "partner_\(name.lowercased())",
            terms: Plans.Terms(
                name: name,
                family: .partner,
                features: ["\(calls) API calls a month", apps == 1 ? "1 app" : "\(apps) apps", beyond]
                    .compactMap { $0 },
                limits: limits([.calls: calls], [.apps: apps], callsBeyond: overage)
            ),
            prices: [
                (.month, monthly == 0 ? [] : [fee(name, dollars: monthly)]),
                (.year, yearly == 0 ? [] : [fee(name, dollars: yearly)]),
            ]
        )
    }

    /// Account billing's (contract, section 4).
    private static let billing = [
        Entry(
            code: "billing_trial",
            terms: Plans.Terms(
                name: "Trial",
                family: .billing,
                features: ["700 calls in all", "100 calls a day"],
                limits: limits([:], [.callsTotal: 700, .callsDay: 100])
            ),
            prices: [(.week, [fee("Trial", dollars: 1)])]
        ),
        Entry(
            code: "billing_starter",
            terms: Plans.Terms(
                name: "Starter",
                family: .billing,
                features: ["1000 calls a month"],
                limits: limits([.calls: 1_000])
            ),
            prices: [
                (.month, [fee("Starter", dollars: 19)]), (.year, [fee("Starter", dollars: 190)]),
            ]
        ),
        Entry(
            code: "billing_professional",
            terms: Plans.Terms(
                name: "Professional",
                family: .billing,
                features: ["10000 calls a month", "500 credits a month, then $2.00 per 1,000"],
                limits: limits([.calls: 10_000])
            ),
            prices: [
                (.month, [fee("Professional", dollars: 49), credits(included: 500)]),
                // Twelve months' worth: a year is one period.
                (.year, [fee("Professional", dollars: 490), credits(included: 6_000)]),
            ]
        ),
        Entry(
            code: "billing_enterprise",
            terms: Plans.Terms(
                name: "Enterprise",
                family: .billing,
                features: ["Unlimited calls", "5 seats"],
                limits: limits([:], [.seats: 5])
            ),
            prices: [
                (.month, [fee("Enterprise", dollars: 99)]), (.year, [fee("Enterprise", dollars: 990)]),
            ]
        ),
    ]

    /// Dollars 2.00 per 1,000 beyond what is included.
    private static func credits(included: Int64) -> PlanPrices.Item {
        PlanPrices.Item(
            name: "credits",
            label: "Credits",
            meter: "credits",
            model: .perUnit(UnitPrice(micros: 2_000)),
            included: included
        )
    }

    /// Millionths of a dollar a shot (contract, section 1).
    private static let shotPrices: [(String, Int64, Bool)] = [
        ("ionq_simulator", 10_000, true),
        ("ionq_ideal", 10_000, true),
        ("aws_sv1", 10_000, true),
        ("aws_tn1", 20_000, true),
        ("ibm_torino", 3_000_000, false),
        ("ibm_brisbane", 3_000_000, false),
        ("ionq_forte", 3_000_000, false),
        ("ionq_qpu", 2_000_000, false),
        ("quera_aquila", 5_000_000, false),
        ("family:simulator", 1_000, true),
        ("family:ibm", 3_000_000, false),
        ("family:ionq", 2_000_000, false),
        ("family:aws", 20_000, true),
        ("family:quera", 5_000_000, false),
        ("family:other", 1_000_000, false),
    ]
}
