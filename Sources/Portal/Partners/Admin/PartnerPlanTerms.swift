import Storage
import Web

/// What the partner program's clients say of a plan, as it is kept. Nil is as it was.
struct PartnerPlanTerms {
    let apiLimit: Int64?
    let maxApps: Int64?
    /// Dollars for 1,000 calls beyond; zero: there are none beyond.
    let overagePrice: UnitPrice?

    /// - Throws: ``Failure`` 400 for a price finer than a millionth of a dollar a call.
    func apply(to limits: [PlanLimits.Limit]) throws -> [PlanLimits.Limit] {
        let (calls, apps) = (Meter.calls.rawValue, PlanLimits.Allowance.apps.rawValue)
        var kept = limits.filter { $0.subject != calls && $0.subject != apps }
        let before = limits.first { $0.subject == calls }
        if let quantity = apiLimit ?? before?.quantity {
            let overage = try overagePrice.map { try Self.each(of: $0) } ?? before?.overage
            kept.append(PlanLimits.Limit(subject: calls, quantity: quantity, overage: overage == .zero ? nil : overage))
        }
        if let quantity = maxApps ?? limits.first(where: { $0.subject == apps })?.quantity {
            kept.append(PlanLimits.Limit(subject: apps, quantity: quantity))
        }
        return kept
    }

    private static func each(of thousand: UnitPrice) throws -> UnitPrice {
        guard thousand.micros % 1000 == 0, thousand.micros / 1000 <= Prices.highestMicros else {
            throw Failure.invalid("overagePrice", "must be a multiple of 0.001 dollars, of at most 1000000")
        }
        return UnitPrice(micros: thousand.micros / 1000)
    }

    /// A fee from now on, as a version of the plan's prices beside those before; what the plan asks for use stays.
    /// - Throws: ``Failure`` 400 for what cannot be charged, and for a year that costs nothing where a month does.
    static func setPrice(
        _ price: UnitPrice,
        _ field: String,
        every interval: BillingInterval,
        of planID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let fee = try Money(price, field, in: .usd, atLeast: 0)
        let before = try PlanVersions.inForce(of: planID, .usd, interval, at: now, db)
        if interval == .year, fee.minor == 0 {
            guard try PlanVersions.inForce(of: planID, .usd, .month, at: now, db)?.prices.fee ?? 0 == 0 else {
                throw Failure.invalid(field, "must not be 0 where a month costs something")
            }
        }
        if let before, try before.prices.fee == fee.minor { return }
        var items = before?.prices.items.filter { $0.meter != nil } ?? []
        if fee.minor > 0 {
            let name = try Plans.find(planID, db)?.name ?? "Fee"
            items.insert(PlanPrices.Item(name: "base", label: name, model: .flat(price)), at: 0)
        }
        let prices = try PlanPrices(currency: .usd, items: items)
        _ = try PlanVersions.insert(prices, every: interval, of: planID, from: now, at: now, db)
    }
}
