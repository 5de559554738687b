@testable import Portal

/// Plans small enough to be priced unit by unit, and crowded around the places where things go wrong: tiers of one
/// unit, allowances of none, prices that end in halves.
enum RandomPlans {
    static func price(_ random: inout SeededNumbers) -> UnitPrice {
        let micros: Int64 =
            switch Int.random(in: 0..<8, using: &random) {
            case 0: 0
            case 1: 5000 * Int64.random(in: 0...50, using: &random)
            case 2: 500_000 * Int64.random(in: 0...9, using: &random)
            case 3: 1_000_000 * Int64.random(in: 0...400, using: &random)
            case 4: Int64.random(in: 0...20, using: &random)
            default: Int64.random(in: 0...3_000_000, using: &random)
            }
        return UnitPrice(micros: micros)
    }

    static func model(_ random: inout SeededNumbers) -> PriceModel {
        switch PriceModel.Kind.allCases.randomElement(using: &random) ?? .flat {
        case .flat: return .flat(price(&random))
        case .perUnit: return .perUnit(price(&random))
        case .graduated: return .graduated(tiers(&random))
        case .volume: return .volume(tiers(&random))
        case .package: return .package(size: .random(in: 1...9, using: &random), price: price(&random))
        }
    }

    private static func tiers(_ random: inout SeededNumbers) -> [PriceModel.Tier] {
        var end: Int64 = 0
        let closed = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            end += Int64.random(in: 1...6, using: &random)
            return tier(upTo: end, &random)
        }
        return closed + [tier(upTo: nil, &random)]
    }

    private static func tier(upTo: Int64?, _ random: inout SeededNumbers) -> PriceModel.Tier {
        let flat = Bool.random(using: &random) ? price(&random) : .zero
        return PriceModel.Tier(upTo: upTo, unitPrice: price(&random), flat: flat)
    }

    static func item(_ random: inout SeededNumbers) -> PlanPrices.Item {
        let model = model(&random)
        let isFlat = model.kind == .flat
        let included: Int64 = isFlat || Bool.random(using: &random) ? 0 : .random(in: 0...8, using: &random)
        let hasOverage = Bool.random(using: &random)
        let overage = PlanPrices.Overage(
            after: included + .random(in: 0...14, using: &random),
            unitPrice: price(&random)
        )
        return PlanPrices.Item(
            name: "item",
            meter: isFlat && !hasOverage ? nil : "calls",
            model: model,
            included: included,
            overage: hasOverage ? overage : nil,
            minimum: Int.random(in: 0..<3, using: &random) == 0 ? price(&random) : .zero,
            prorates: PlanPrices.Proration.allCases.randomElement(using: &random) ?? .fees
        )
    }

    static func part(_ random: inout SeededNumbers) -> (seconds: Int, length: Int) {
        if Bool.random(using: &random) { return (1, 1) }
        let day = 86_400
        let length = [28 * day, 29 * day, 30 * day, 31 * day, 365 * day, 366 * day, 7].randomElement(using: &random)
        let seconds = Int.random(in: 0...(length ?? day), using: &random)
        return (seconds, length ?? day)
    }
}
