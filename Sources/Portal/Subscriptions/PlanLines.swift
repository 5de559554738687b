/// What a subscription puts on invoices: fees in advance for the period that begins, use in arrears for the one that
/// ends.
///
/// An item with a meter is use, all of it, the flat fee and the minimum of such an item included; the others are fees.
/// What is due once (``PlanPrices/Proration/nothing``) is due at the beginning, and never given back.
enum PlanLines {
    /// The fees for a part of a period.
    static func fees(
        of version: PlanVersions.Version,
        for part: PeriodPart = .whole,
        _ period: Range<Timestamp>
    ) throws -> [DraftLine] {
        let fees = try PlanPrices(currency: version.currency, items: version.prices.items.filter { $0.meter == nil })
        return try Pricing.lines(of: [:], under: fees, for: part).map { line in
            DraftLine(line, meter: nil, planPriceID: version.id, period: period)
        }
    }

    /// The fees taken back for the rest of the period from a moment on.
    static func unused(of live: Subscriptions.Live, from moment: Timestamp) throws -> [DraftLine] {
        let part = try live.period.part(from: moment)
        let items = live.version.prices.items.filter { $0.meter == nil && $0.prorates != .nothing }
        let fees = try PlanPrices(currency: live.version.currency, items: items)
        return try Pricing.lines(of: [:], under: fees, for: part).filter { $0.amount != 0 }.map { line in
            DraftLine(
                try line.credited(),
                meter: nil,
                planPriceID: live.version.id,
                period: moment..<live.period.upperBound
            )
        }
    }

    /// What was used under the prices of the period up to a moment; nothing in a trial.
    /// - Parameter usage: units that stand on no invoice yet by meter, `credits` among them.
    static func used(
        under live: Subscriptions.Live,
        _ usage: [String: Int64],
        upTo moment: Timestamp
    ) throws -> [DraftLine] {
        guard live.status != .trialing else { return [] }
        let items = live.version.prices.items.filter { $0.meter != nil }
        let metered = try PlanPrices(currency: live.version.currency, items: items)
        let meters = Dictionary(items.map { ($0.name, $0.meter) }) { first, _ in first }
        // The plan prices what it names; the rest has prices of its own, or none. Corrections may outweigh the use.
        let priced = usage.filter { used in items.contains { $0.meter == used.key } }.mapValues { max(0, $0) }
        let span = live.pricedFrom..<max(live.pricedFrom, moment)
        let part = try live.period.part(span)
        return try Pricing.lines(of: priced, under: metered, for: part).map { line in
            var line = DraftLine(line, meter: meters[line.item] ?? nil, planPriceID: live.version.id, period: span)
            line.part = part
            return line
        }
    }

    /// What stands on the invoice at the end of a period: use of the one that ends, and fees of the one that begins.
    /// - Parameter next: what the period that begins is billed by; nil: there is none.
    static func closing(
        _ live: Subscriptions.Live,
        usage: [String: Int64],
        next: (version: PlanVersions.Version, period: Range<Timestamp>)?
    ) throws -> [DraftLine] {
        let used = try used(under: live, usage, upTo: live.period.upperBound)
        return try used + (next.map { try fees(of: $0.version, $0.period) } ?? [])
    }
}

extension PlanPrices {
    /// All fees together for a period, in minor units.
    var fee: Int64 {
        get throws {
            let fees = try PlanPrices(currency: currency, items: items.filter { $0.meter == nil })
            return try Pricing.lines(of: [:], under: fees).reduce(0) { try $0.plus($1.amount) }
        }
    }
}
