import Outbound
import Storage
import Web

/// Brings refunds that were asked for here to the provider, each once: after a crash or a lost answer the provider is
/// asked what it knows before it is asked to act.
enum RefundOrders {
    /// Seconds after which whoever asked has certainly given up waiting.
    private static let secondsInHands: Int64 = 10

    /// Never throws: what came of it stands in the refund's row.
    static func send(
        _ key: String,
        isRepeat: Bool,
        _ stripe: StripeClient,
        _ patience: StripeClient.Patience,
        _ app: App
    ) async {
        do {
            let order = try app.store.read { db -> (Refunds.Refund, Payments.Payment)? in
                guard let refund = try Refunds.find(key: key, db), refund.status == .asked,
                    let payment = try Payments.find(id: refund.paymentID, db)
                else { return nil }
                return (refund, payment)
            }
            guard let (refund, payment) = order else { return }
            do {
                let known = isRepeat ? try await find(key, payment, stripe, patience) : nil
                let object = if let known { known } else { try await ask(refund, payment, key, stripe, patience) }
                let (now, links) = (app.now(), app.invoiceLinks)
                try await app.store.write { db in _ = try RefundEffect(object)?.apply(at: now, links, db) }
            } catch let error as StripeError where error.isFinal {
                try await refuse(refund, payment, error, app)
            }
        } catch {
            app.log.warning("a refund waits", metadata: ["refund": "\(key)", "error": "\(error)"])
        }
    }

    private static func ask(
        _ refund: Refunds.Refund,
        _ payment: Payments.Payment,
        _ key: String,
        _ stripe: StripeClient,
        _ patience: StripeClient.Patience
    ) async throws -> JSONValue {
        let form = [
            ("payment_intent", payment.providerID),
            ("amount", "\(try Money(refund.amount.value, refund.currency).providerAmount())"),
            ("reason", refund.reason),
            ("metadata[\(RefundEffect.mark)]", key),
        ]
        return try await stripe.post("/v1/refunds", form, idempotencyKey: key, patience)
    }

    /// Under the same key Stripe repeats even a 500 for a day, whether or not it had acted; its list tells.
    private static func find(
        _ key: String,
        _ payment: Payments.Payment,
        _ stripe: StripeClient,
        _ patience: StripeClient.Patience
    ) async throws -> JSONValue? {
        let query = [("payment_intent", payment.providerID), ("limit", "100")]
        guard case .array(let refunds)? = try await stripe.get("/v1/refunds", query, patience)["data"] else {
            return nil
        }
        return refunds.first { $0["metadata"]?[RefundEffect.mark]?.string == key }
    }

    private static func refuse(
        _ refund: Refunds.Refund,
        _ payment: Payments.Payment,
        _ error: StripeError,
        _ app: App
    ) async throws {
        let now = app.now()
        try await app.store.write { db in
            try Refunds.setRefused(refund.id, error.message, db)
            try Audit.record(
                .refundRefused,
                byItself: "stripe",
                account: payment.accountID,
                target: "payment:\(payment.providerID)",
                detail: [.init("error", .string(error.message))],
                at: now,
                db
            )
        }
    }

    /// Those that nobody waits for any more.
    static func finish(_ app: App) async {
        guard let stripe = app.stripe,
            let waiting = try? app.store.read({ db in
                try Refunds.asked(before: app.now().adding(seconds: -secondsInHands), db)
            })
        else { return }
        for refund in waiting {
            guard let key = refund.key else { continue }
            await send(key, isRepeat: true, stripe, .background, app)
        }
    }
}
