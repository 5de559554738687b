import Web

/// The page at the provider where a subscription is paid for before it begins or changes.
enum SubscriptionCheckout {
    /// - Throws: ``Failure`` 503 without a provider, and as ``CheckoutPage/open(by:in:)``.
    static func url(
        for version: PlanVersions.Version,
        of accountID: Int64,
        by caller: Caller,
        in app: App
    ) async throws -> String {
        let now = app.now()
        let opening = try app.store.read { db in
            try Subscriptions.openingPayment(of: accountID, version, at: now, db)
        }
        let page = CheckoutPage(
            accountID: accountID,
            purpose: .subscription(planPriceID: opening.planPriceID),
            amount: opening.amount,
            line: opening.name
        )
        // The caller's `Idempotency-Key` is kept for the subscription itself.
        var caller = caller
        caller.idempotency = nil
        return try await page.open(by: caller, in: app).url
    }
}
