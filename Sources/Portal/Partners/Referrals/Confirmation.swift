import Storage

/// What follows when a conversion counts, does not count any more, or counts in part.
struct Confirmation {
    let holdDays: Int
    let now: Timestamp

    /// A flagged one counts and earns after all, as of its own time; unless something about it is still open.
    func release(_ conversion: Conversion, _ referral: Referral, _ db: borrowing Database) throws {
        guard conversion.status == .flagged, try !FraudFlags.holds(conversion, db),
            let campaign = try Campaigns.findEvenDeleted(id: conversion.campaignID, db)
        else { return }
        var confirmed = conversion
        confirmed.status = .converted
        try Conversions.set(.converted, of: conversion.id, at: now, db)
        try confirm(confirmed, referral, campaign, db)
    }

    /// What follows from one that counts.
    func confirm(
        _ conversion: Conversion,
        _ referral: Referral,
        _ campaign: Campaign,
        _ db: borrowing Database
    ) throws {
        try Self.count(conversion, 1, db)
        try Referrals.setConverted(referral.id, db)
        let earning = Earning(
            campaign: campaign,
            conversion: conversion,
            referral: referral,
            holdDays: holdDays,
            now: now
        )
        try earning.make(db)
        // The payment may have gone back before anybody told of the conversion.
        try Self.settle(conversion, because: .refund, at: now, db)
    }

    /// It was fraud: it never counted, and nobody keeps what it earned.
    func reject(_ conversion: Conversion, _ db: borrowing Database) throws {
        guard conversion.status != .rejected else { return }
        if conversion.status == .converted { try Self.count(conversion, -1, db) }
        try Conversions.set(.rejected, of: conversion.id, at: now, db)
        for reward in try Rewards.list(of: conversion.id, db) where reward.status != .cancelled {
            _ = try RewardChange(now: now).cancel(reward, because: .fraud, db)
        }
    }

    /// Brings the rewards to what refunds and disputes leave of the conversion: computed anew each time, so that it
    /// does not matter in which order they were told, nor how often.
    static func settle(
        _ conversion: Conversion,
        because reason: Reward.CancelReason,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard conversion.status == .converted || conversion.status == .reversed else { return }
        let back = try GoneBack.find(conversion, db)
        for reward in try Rewards.list(of: conversion.id, db) {
            _ = try RewardChange(now: now).take(back.part(of: reward.amount), of: reward, because: reason, db)
        }
        let status: Conversion.Status = back.isWhole ? .reversed : .converted
        guard status != conversion.status else { return }
        try Conversions.set(status, of: conversion.id, at: now, db)
        try count(conversion, status == .converted ? 1 : -1, db)
    }

    private static func count(_ conversion: Conversion, _ sign: Int64, _ db: borrowing Database) throws {
        let step = CampaignCounts.Step(conversions: sign, revenue: sign * (conversion.amount?.value ?? 0))
        try CampaignCounts.add(step, to: conversion.campaignID, at: conversion.convertedAt, db)
    }
}

/// How much of a conversion went back to who paid: as the app told, or as the payment's refunds and disputes say,
/// whichever is more, since both may tell of the same.
struct GoneBack {
    /// `part` of `whole`, which is more than nothing.
    let part: Int64
    let whole: Int64

    init(_ part: Cents, of whole: Cents) {
        self.whole = max(whole.value, 1)
        self.part = min(max(part.value, 0), self.whole)
    }

    static func find(_ conversion: Conversion, _ db: borrowing Database) throws -> GoneBack {
        let told = GoneBack(conversion.refunded, of: conversion.whole)
        guard let paymentID = conversion.paymentID, let payment = try Payments.find(anyID: paymentID, db) else {
            return told
        }
        let seen = GoneBack(payment.refunded + payment.disputed, of: payment.amount)
        return Int128(told.part) * Int128(seen.whole) >= Int128(seen.part) * Int128(told.whole) ? told : seen
    }

    var isWhole: Bool { part == whole }

    /// Rounded once, halves away from zero.
    func part(of amount: Cents) -> Cents {
        guard !isWhole else { return amount }
        let nearest = try? Rounding.nearest(Int128(amount.value) * Int128(part), over: Int128(whole), step: 1)
        return nearest.map { Cents($0) } ?? amount
    }
}

extension Conversions {
    /// Brings the rewards of what a payment was for to what its refunds and disputes leave of it.
    static func follow(
        _ payment: Payments.Payment,
        isDispute: Bool,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        for id in [payment.providerID, try Payments.chargeID(of: payment.id, db)].compactMap({ $0 }) {
            for conversion in try list(payment: id, db) {
                try Confirmation.settle(conversion, because: isDispute ? .dispute : .refund, at: now, db)
            }
        }
    }
}
