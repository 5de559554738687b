/// What usage costs under a plan: a function of its arguments alone, the one that invoices, estimates and simulations
/// all call.
enum Pricing {
    /// - Parameters:
    ///   - usage: units of the period by meter. Meters of the plan that are missing count as 0.
    ///   - part: how much of the billing period the plan was in force; see ``PlanPrices/Proration``.
    /// - Returns: by item, in the plan's order; no lines of usage where there was none. Lines may come to 0.
    /// - Throws: ``PricingFault``; nothing is priced in part.
    static func lines(
        of usage: [String: Int64],
        under plan: PlanPrices,
        for part: PeriodPart = .whole
    ) throws -> [PricedLine] {
        for (meter, quantity) in usage where quantity < 0 { throw PricingFault.negativeUsage(meter: meter) }
        let unpriced = usage.filter { used in used.value > 0 && !plan.items.contains { $0.meter == used.key } }
        if let meter = unpriced.keys.min() { throw PricingFault.unpriced(meter: meter) }
        var lines: [PricedLine] = []
        for item in plan.items {
            var pricing = ItemPricing(item, plan.currency, part)
            try pricing.price(item.meter.flatMap { usage[$0] } ?? 0)
            lines += pricing.lines
        }
        return lines
    }
}

/// Prices one item, line by line.
private struct ItemPricing {
    let item: PlanPrices.Item
    let currency: Currency
    /// The part that fees are charged for, and the one that allowances are given for.
    let fees: PeriodPart
    let allowances: PeriodPart
    var lines: [PricedLine] = []

    init(_ item: PlanPrices.Item, _ currency: Currency, _ part: PeriodPart) {
        (self.item, self.currency) = (item, currency)
        fees = item.prorates == .nothing ? .whole : part
        allowances = item.prorates == .feesAndAllowances ? part : .whole
    }

    mutating func price(_ used: Int64) throws {
        let within = min(used, item.overage.map { allowances.share(of: $0.after) } ?? used)
        if case .flat(let amount) = item.model {
            try add(.fee, 1, at: amount, for: fees)
            if item.meter != nil { try addUnits(.included, .zero, after: 0, upTo: within) }
        } else {
            let included = min(within, allowances.share(of: item.included))
            try addUnits(.included, .zero, after: 0, upTo: included)
            if within > included { try price(after: included, upTo: within) }
        }
        if let overage = item.overage { try addUnits(.overage, overage.unitPrice, after: within, upTo: used) }
        try addMinimum()
    }

    /// The units `first + 1` to `last` of the usage, by the model.
    private mutating func price(after first: Int64, upTo last: Int64) throws {
        switch item.model {
        case .flat: break
        case .perUnit(let price):
            try addUnits(.units, price, after: first, upTo: last)
        case .package(let size, let price):
            let (whole, rest) = (last - first).quotientAndRemainder(dividingBy: size)
            try add(.packages, rest == 0 ? whole : whole + 1, at: price, units: first + 1...last)
        case .volume(let tiers):
            guard let tier = tiers.first(where: { last - first <= $0.upTo ?? .max }) else { return }
            try add(tier, after: first, upTo: last)
        case .graduated(let tiers):
            var begin = first
            for tier in tiers where begin < last {
                // Compared from the front, as `first + upTo` may be past 64 bits.
                let end = min(last - first, tier.upTo ?? .max) + first
                try add(tier, after: begin, upTo: end)
                begin = end
            }
        }
    }

    private mutating func add(_ tier: PriceModel.Tier, after first: Int64, upTo last: Int64) throws {
        try addUnits(.units, tier.unitPrice, after: first, upTo: last)
        if tier.flat != .zero { try add(.tier, 1, at: tier.flat, for: fees, units: first + 1...last) }
    }

    private mutating func addUnits(
        _ kind: PricedLine.Kind,
        _ price: UnitPrice,
        after first: Int64,
        upTo last: Int64
    ) throws {
        if last > first { try add(kind, last - first, at: price, units: first + 1...last) }
    }

    private mutating func addMinimum() throws {
        guard item.minimum != .zero else { return }
        let due = try Rounding.amount(1, at: item.minimum, for: fees, in: currency)
        let sum = try lines.reduce(Int64(0)) { try $0.plus($1.amount) }
        guard due > sum else { return }
        try add(.minimum, 1, at: UnitPrice(micros: try (due - sum).times(currency.microsPerMinor)))
    }

    private mutating func add(
        _ kind: PricedLine.Kind,
        _ quantity: Int64,
        at price: UnitPrice,
        for part: PeriodPart = .whole,
        units: ClosedRange<Int64>? = nil
    ) throws {
        let line = PricedLine(
            item: item.name,
            label: item.label,
            kind: kind,
            quantity: quantity,
            unitPrice: price,
            part: part,
            units: units,
            amount: try Rounding.amount(quantity, at: price, for: part, in: currency),
            currency: currency
        )
        lines.append(line)
    }
}
