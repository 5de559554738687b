/// What one conversion earns on one level: pure, and rounded once.
struct RewardAmount: Sendable {
    let terms: Campaign.Terms
    /// Of the conversion, in minor units of the account's currency.
    let amount: Cents?
    let currency: Currency
    /// Confirmed ones of the referrer in the campaign before this one.
    let earlier: Int64

    /// No reward is more, so that sums stay far from overflowing.
    static let most = Payments.most

    /// The referrer's: the level's own value where there is one.
    var ofReferrer: Cents {
        let isMultiLevel = terms.referralType == .multiLevel
        let value = isMultiLevel ? terms.level1Micros ?? terms.rewardMicros : terms.rewardMicros
        return capped(by(tier ?? value), isMultiLevel ? terms.level1Cap : nil)
    }

    /// Of who referred the referrer.
    var ofSecondLevel: Cents {
        capped(by(terms.level2Micros ?? 0), terms.level2Cap)
    }

    private var tier: Int64? {
        terms.tiers?.micros(after: earlier)
    }

    /// - Parameter value: millionths of a major unit, or of a percent.
    private func by(_ value: Int64) -> Cents {
        // Points have hundredths, as most currencies.
        let microsPerMinor = Int128(terms.payoutType == .points ? Dollars.microsPerCent : currency.microsPerMinor)
        let minor: Int64?
        switch terms.rewardModel {
        case .fixed, .tiered:
            minor = try? Rounding.nearest(Int128(value), over: microsPerMinor, step: 1)
        case .percentage:
            let micros = Int128(amount?.value ?? 0) * Int128(currency.microsPerMinor)
            minor = try? Rounding.nearest(micros * Int128(value), over: 100_000_000 * microsPerMinor, step: 1)
        }
        return min(minor.map { Cents($0) } ?? Self.most, Self.most)
    }

    private func capped(_ amount: Cents, _ ofLevel: Int64?) -> Cents {
        [terms.rewardCap, ofLevel].compactMap { $0 }.reduce(amount) { min($0, Cents($1)) }
    }
}

extension Campaign.Terms {
    /// They were read when they were set.
    var tiers: RewardTiers? {
        rewardModel == .tiered ? tierConfig.flatMap { try? RewardTiers($0) } : nil
    }
}
