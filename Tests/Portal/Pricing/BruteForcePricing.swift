@testable import Portal

/// An exact fraction. Small numbers only: it traps where it does not fit.
struct Ratio: Comparable {
    let over: Int
    let under: Int

    init(_ over: Int, _ under: Int = 1) {
        let divisor = Self.divisor(over.magnitude, under.magnitude) * under.signum()
        (self.over, self.under) = (over / divisor, under / divisor)
    }

    private static func divisor(_ one: UInt, _ other: UInt) -> Int {
        var (one, other) = (one, other)
        while other != 0 { (one, other) = (other, one % other) }
        return Int(max(1, one))
    }

    static func * (left: Ratio, right: Ratio) -> Ratio { Ratio(left.over * right.over, left.under * right.under) }
    static func - (left: Ratio, right: Ratio) -> Ratio {
        Ratio(left.over * right.under - right.over * left.under, left.under * right.under)
    }
    static func < (left: Ratio, right: Ratio) -> Bool { left.over * right.under < right.over * left.under }

    var floor: Int { over >= 0 ? over / under : -((-over + under - 1) / under) }
    var ceiling: Int { -Ratio(-over, under).floor }

    /// The integer that is at most a half away; of two such, the one away from zero.
    var nearest: Int { over < 0 ? -Ratio(-over, under).nearest : Ratio(2 * over + under, 2 * under).floor }
}

/// Prices an item by walking over its units one at a time, adding up what each costs, and rounding at the end.
///
/// Nothing is shared with ``Pricing``: tiers are looked up for each unit, packages begin when the one before is full,
/// and amounts are fractions.
struct BruteForcePricing {
    private struct Bucket {
        let kind: PricedLine.Kind
        var units = 0
        var packages = 0
        var micros = 0

        mutating func add(_ price: UnitPrice?) {
            units += 1
            micros += Int(price?.micros ?? 0)
        }
    }

    /// In minor units, with the units that it is for (1 for fees, packages for packages).
    struct Amount: Equatable {
        let kind: PricedLine.Kind
        let quantity: Int
        let amount: Int
    }

    let item: PlanPrices.Item
    let currency: Currency
    let part: Ratio

    private func rounded(_ micros: Int, _ part: Ratio) -> Int {
        let microsPerStep = [0: 1_000_000, 2: 10_000, 3: 10_000][currency.minorDigits] ?? 0
        let step = currency.minorDigits == 3 ? 10 : 1
        return (Ratio(micros, microsPerStep) * part).nearest * step
    }

    private func tier(_ tiers: [PriceModel.Tier], ofUnit position: Int) -> Int {
        for (index, tier) in tiers.enumerated() where tier.upTo == nil || position <= Int(tier.upTo ?? 0) {
            return index
        }
        return tiers.count
    }

    private var feePart: Ratio { item.prorates == .nothing ? Ratio(1) : part }
    private var allowancePart: Ratio { item.prorates == .feesAndAllowances ? part : Ratio(1) }

    /// The units in the order of the lines: free ones, those of the model (by tier, if it has any), those over.
    private func walk(_ used: Int) -> (free: Bucket, model: [Bucket], over: Bucket) {
        let free = (Ratio(Int(item.included)) * allowancePart).ceiling
        let last = item.overage.map { (Ratio(Int($0.after)) * allowancePart).ceiling } ?? .max
        let priced = max(0, min(used, last) - free)
        var (included, over) = (Bucket(kind: .included), Bucket(kind: .overage))
        let kind = item.model.kind == .package ? PricedLine.Kind.packages : .units
        var model = Array(repeating: Bucket(kind: kind), count: max(1, item.model.tiers.count))
        for unit in 1..<(used + 1) {
            guard unit <= last else {
                over.add(item.overage?.unitPrice)
                continue
            }
            guard unit > free else {
                included.add(nil)
                continue
            }
            switch item.model {
            case .flat: included.add(nil)
            case .perUnit(let price): model[0].add(price)
            case .package(let size, let price):
                let begins = model[0].units % Int(size) == 0
                if begins { model[0].packages += 1 }
                model[0].add(begins ? price : nil)
            case .graduated(let tiers):
                let index = tier(tiers, ofUnit: unit - free)
                model[index].add(tiers[index].unitPrice)
            case .volume(let tiers):
                let index = tier(tiers, ofUnit: priced)
                model[index].add(tiers[index].unitPrice)
            }
        }
        return (included, model, over)
    }

    func price(_ used: Int) -> [Amount] {
        var amounts: [Amount] = []
        func add(_ bucket: Bucket) {
            guard bucket.units > 0 else { return }
            let quantity = bucket.kind == .packages ? bucket.packages : bucket.units
            amounts.append(Amount(kind: bucket.kind, quantity: quantity, amount: rounded(bucket.micros, Ratio(1))))
        }
        if case .flat(let fee) = item.model {
            amounts.append(Amount(kind: .fee, quantity: 1, amount: rounded(Int(fee.micros), feePart)))
        }
        let (free, model, over) = walk(used)
        add(free)
        for (index, bucket) in model.enumerated() {
            add(bucket)
            guard bucket.units > 0, index < item.model.tiers.count else { continue }
            let flat = Int(item.model.tiers[index].flat.micros)
            if flat > 0 { amounts.append(Amount(kind: .tier, quantity: 1, amount: rounded(flat, feePart))) }
        }
        add(over)
        let lacking = rounded(Int(item.minimum.micros), feePart) - amounts.map(\.amount).reduce(0, +)
        if lacking > 0 { amounts.append(Amount(kind: .minimum, quantity: 1, amount: lacking)) }
        return amounts
    }
}
