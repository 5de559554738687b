import Web

/// What callers send about a campaign: each may be absent, and `null` is what it is without being chosen.
struct CampaignFields: Codable, Sendable {
    let name: PartnerName?
    let description: Change<CampaignDescription>
    let landingUrl: Change<SiteURL>
    let status: Change<Campaign.Status>
    let referralType: Change<Campaign.ReferralType>
    let rewardModel: Change<Campaign.RewardModel>
    let rewardValue: Change<RewardNumber>
    let rewardCap: Change<RewardNumber>
    let firstTimeUserOnly: Change<Bool>
    let startDate: Change<CampaignDate>
    let endDate: Change<CampaignDate>
    let conversionWindow: Change<CampaignDays>
    let rewardExpiration: Change<CampaignDays>
    let level1Reward: Change<RewardNumber>
    let level2Reward: Change<RewardNumber>
    let level1Cap: Change<RewardNumber>
    let level2Cap: Change<RewardNumber>
    let tierConfig: Change<TierConfig>
    let referralCodePrefix: Change<CodePrefix>
    let referralCodeFormat: Change<Campaign.CodeFormat>
    let payoutType: Change<Campaign.PayoutType>

    /// - Parameters:
    ///   - currency: the account's.
    ///   - shown: the status that clients saw last, which those send back that change something else.
    /// - Throws: ``Failure`` 400.
    func changed(
        _ old: Campaign.Terms,
        in currency: Currency,
        shown: Campaign.Status? = nil
    ) throws -> Campaign.Terms {
        let initial = Campaign.Terms(name: "")
        var terms = old
        terms.name = name?.value ?? old.name
        guard !terms.name.isEmpty else { throw Failure.badRequest("Campaign name is required", code: "invalid_field") }
        description.change(&terms.description) { $0?.value ?? "" }
        landingUrl.change(&terms.landingURL) { $0?.value ?? "" }
        status.change(&terms.status) { $0 == shown ? old.status : $0 ?? initial.status }
        referralType.change(&terms.referralType) { $0 ?? initial.referralType }
        rewardModel.change(&terms.rewardModel) { $0 ?? initial.rewardModel }
        rewardValue.change(&terms.rewardMicros) { $0?.micros ?? initial.rewardMicros }
        firstTimeUserOnly.change(&terms.isFirstTimeOnly) { $0 ?? initial.isFirstTimeOnly }
        startDate.change(&terms.startsAt) { $0?.begin }
        endDate.change(&terms.endsAt) { $0?.end }
        conversionWindow.change(&terms.conversionWindow) { $0?.value }
        rewardExpiration.change(&terms.rewardExpiration) { $0?.value }
        level1Reward.change(&terms.level1Micros) { $0?.micros }
        level2Reward.change(&terms.level2Micros) { $0?.micros }
        tierConfig.change(&terms.tierConfig) { $0?.sent }
        referralCodePrefix.change(&terms.codePrefix) { $0?.value ?? "" }
        referralCodeFormat.change(&terms.codeFormat) { $0 ?? initial.codeFormat }
        payoutType.change(&terms.payoutType) { $0 ?? initial.payoutType }
        let units = (old.payoutType.unit(in: currency), terms.payoutType.unit(in: currency))
        terms.rewardCap = try Self.cap(old.rewardCap, rewardCap, "rewardCap", units)
        terms.level1Cap = try Self.cap(old.level1Cap, level1Cap, "level1Cap", units)
        terms.level2Cap = try Self.cap(old.level2Cap, level2Cap, "level2Cap", units)
        try terms.check()
        return terms
    }

    /// A cap in minor units of what is paid out, which may be of another kind from now on.
    private static func cap(
        _ old: Int64?,
        _ change: Change<RewardNumber>,
        _ field: String,
        _ units: (old: Currency, new: Currency)
    ) throws -> Int64? {
        var micros = try old.map { try $0.times(units.old.microsPerMinor) }
        change.change(&micros) { $0?.micros }
        guard let micros else { return nil }
        let (minor, rest) = micros.quotientAndRemainder(dividingBy: units.new.microsPerMinor)
        guard rest == 0 else {
            throw Failure.invalid(field, "must have at most \(units.new.minorDigits) decimals")
        }
        return minor
    }
}

extension Campaign.Terms {
    /// What must fit together.
    /// - Throws: ``Failure`` 400.
    fileprivate func check() throws {
        if let startsAt, let endsAt, endsAt <= startsAt {
            throw Failure.invalid("endDate", "must be later than startDate")
        }
        guard rewardModel == .percentage else { return }
        let percents = [
            ("rewardValue", rewardMicros), ("level1Reward", level1Micros ?? 0), ("level2Reward", level2Micros ?? 0),
        ]
        for (field, micros) in percents where micros > 100 * UnitPrice.perMajor {
            throw Failure.invalid(field, "must be at most 100 percent")
        }
    }
}

extension Campaign.PayoutType {
    /// Points have hundredths, whatever the account's currency has.
    func unit(in currency: Currency) -> Currency { self == .points ? .usd : currency }
}
