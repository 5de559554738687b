import Storage

/// What an account used, by meter and day, from the roll-ups that invoices are made of.
struct PastUse {
    private var uses: [Meter: [Day: UsageRollups.PeriodSum]] = [:]
    /// All calls; of the meter ``Meter/calls`` only those beyond a plan's limit are uses.
    private let calls: [Day: Int64]

    init(of accountID: Int64, _ days: ClosedRange<Day>, _ db: borrowing Database) throws {
        for meter in Meter.allCases {
            let sums = try UsageRollups.byDay(meter, of: accountID, days, db)
            if !sums.isEmpty { uses[meter] = sums }
        }
        calls = try CallMonths.daily(of: accountID, days, db)
    }

    /// What plans price, by the names that their items use: of the meters that some item names, no other.
    /// - Throws: ``PricingFault/tooLarge``.
    func quantities(for prices: PlanPrices, in days: ClosedRange<Day>) throws -> [String: Int64] {
        var quantities: [String: Int64] = [:]
        for name in Set(prices.items.compactMap(\.meter)) {
            if name == Meter.calls.rawValue {
                quantities[name] = try calls.reduce(Int64(0)) { sum, day in
                    days.contains(day.key) ? try sum.plus(day.value) : sum
                }
            } else {
                quantities[name] = try Meter.priced(as: name).reduce(Int64(0)) { sum, meter in
                    try sum.plus(try sums(of: meter, in: days) { $0.quantity })
                }
            }
        }
        return quantities
    }

    /// What uses cost by their backends, of the meters that no item of these prices names. Millionths of a dollar.
    /// - Throws: ``PricingFault/tooLarge``.
    func backendMicros(apartFrom prices: PlanPrices? = nil, in days: ClosedRange<Day>) throws -> Int64 {
        let priced = Set((prices?.items ?? []).compactMap(\.meter).flatMap { Meter.priced(as: $0) })
        return try uses.keys.filter { !priced.contains($0) }.reduce(Int64(0)) { sum, meter in
            try sum.plus(try sums(of: meter, in: days) { $0.cost.micros })
        }
    }

    private func sums(
        of meter: Meter,
        in days: ClosedRange<Day>,
        _ value: (UsageRollups.PeriodSum) -> Int64
    ) throws -> Int64 {
        try (uses[meter] ?? [:]).reduce(Int64(0)) { sum, day in
            days.contains(day.key) ? try sum.plus(value(day.value)) : sum
        }
    }
}
