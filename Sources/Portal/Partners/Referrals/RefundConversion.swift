import Web

/// `POST /api/v1/conversions/{id}/refund`: what a conversion was paid for goes back, in part or in whole, and its
/// rewards with it.
struct RefundConversion: Endpoint {
    enum Reason: String, Codable, Sendable, CaseIterable, Documented {
        case refund, dispute

        static var sample: Reason { .refund }
    }

    struct Input: Codable, Sendable {
        let id: Text<1, 64>
        /// Absent: all that is left.
        let amount: ConversionAmount?
        let reason: Reason?
    }

    struct Answer: JSONOutput {
        let success: Bool
        let conversionId: String
        /// In all, by the app's own word.
        let refunded: Amount
        /// `REVERSED` once all of it went back.
        let status: Conversion.Status
        let rewards: [RewardView]
    }

    /// - Throws: ``Failure`` 404; 400 for more than is left, and for a part of a conversion without an amount.
    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let appID = try caller.requireApp()
        let now = app.now()
        return try await app.commit(by: caller) { db in
            guard let conversion = try Conversions.find(input.id.value, app: appID, db) else {
                throw Failure.notFound("Conversion not found")
            }
            app.appRequests.note(requestID: caller.requestID, campaignID: conversion.campaignID)
            var told = conversion
            told.refunded = try refunded(input.amount, of: conversion)
            try Conversions.set(refunded: told.refunded, of: conversion.id, db)
            try Confirmation.settle(told, because: input.reason == .dispute ? .dispute : .refund, at: now, db)
            return Answer(
                success: true,
                conversionId: conversion.publicID,
                refunded: Amount(min(told.refunded, conversion.amount ?? .zero), conversion.currency),
                status: try Conversions.find(id: conversion.id, db)?.status ?? conversion.status,
                rewards: try Rewards.list(of: conversion.id, db).map { try RewardView($0, db) }
            )
        }
    }

    private static func refunded(_ amount: ConversionAmount?, of conversion: Conversion) throws -> Cents {
        guard let amount else { return conversion.whole }
        guard conversion.amount != nil else {
            throw Failure.invalid("amount", "must be absent: the conversion has no amount, so all of it goes back")
        }
        let minor = try amount.minor(conversion.currency)
        let left = conversion.whole - conversion.refunded
        guard minor > .zero, minor <= left else {
            let most = Amount(left, conversion.currency).text
            throw Failure.invalid("amount", "must be more than 0 and at most \(most), which is what is left")
        }
        return conversion.refunded + minor
    }
}
