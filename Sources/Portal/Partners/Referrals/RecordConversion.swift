import Web

/// `POST /api/v1/conversions`: somebody who was referred did what the campaign rewards.
struct RecordConversion: Endpoint {
    struct Input: Codable, Sendable {
        let referralCode: Text<0, 128>?
        let refereeId: AppUser?
        let amount: ConversionAmount?
        /// Whatever the app wants to keep with it. `paymentId` in it names the payment at the provider, whose refund or
        /// dispute takes the rewards back.
        let metadata: AnyJSON?
    }

    struct Made: Codable, Sendable {
        let success: Bool
        let referralId: String
        let originalReferralCode: String
        let conversionId: String
        /// The referrer's; 0 where nothing was earned, or not yet.
        let rewardAmount: Amount
        let rewardCreated: Bool
        /// `CONVERTED` or `FLAGGED`.
        let status: Conversion.Status
        let refereeId: String
        let referrerId: String
        let warning: String?
    }

    static let warning = "This conversion looks unusual and earns nothing until it has been reviewed"

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<Made> {
        guard let code = input.referralCode?.value, !code.isEmpty, let referee = input.refereeId?.value,
            !referee.isEmpty
        else { throw Failure.badRequest("referralCode and refereeId are required") }
        return try await record(code, referee, input.amount, input.metadata, by: caller, in: app)
    }

    static func record(
        _ code: String,
        _ referee: String?,
        _ amount: ConversionAmount?,
        _ metadata: AnyJSON?,
        by caller: Caller,
        in app: App
    ) async throws -> Created<Made> {
        let converting = Converting(
            code: code,
            refereeID: referee,
            amount: amount,
            metadata: metadata?.value,
            visitor: Visitor(caller),
            appID: try caller.requireApp(),
            holdDays: app.settings.rewardHoldDays,
            now: app.now()
        )
        return try await app.commit(by: caller) { db in
            let outcome = try converting.record(db)
            app.appRequests.note(requestID: caller.requestID, campaignID: outcome.referral.campaignID)
            return Created(Made(outcome))
        }
    }
}

/// `POST /api/v1/referrals/{code}/convert`: the same by the other generation of clients, which need not know who it
/// was.
struct ConvertReferral: Endpoint {
    struct Input: Codable, Sendable {
        let code: Text<1, 128>
        let refereeId: AppUser?
        let amount: ConversionAmount?
        let metadata: AnyJSON?
    }

    static func handle(
        _ input: Input,
        by caller: Caller,
        in app: App
    ) async throws -> Created<RecordConversion.Made> {
        try await RecordConversion.record(
            input.code.value,
            input.refereeId?.value,
            input.amount,
            input.metadata,
            by: caller,
            in: app
        )
    }
}

extension RecordConversion.Made {
    fileprivate init(_ outcome: Converting.Outcome) {
        let (conversion, reward) = (outcome.conversion, outcome.reward)
        self.init(
            success: true,
            referralId: outcome.referral.publicID,
            originalReferralCode: outcome.referral.code,
            conversionId: conversion.publicID,
            rewardAmount: reward.map { $0.amount($0.amount) } ?? Amount(.zero, conversion.currency),
            rewardCreated: reward != nil,
            status: conversion.status,
            refereeId: conversion.refereeID,
            referrerId: conversion.referrerID,
            warning: conversion.status == .flagged ? RecordConversion.warning : nil
        )
    }
}
