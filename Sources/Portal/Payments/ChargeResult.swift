import Web

/// What is known to have come of a charge.
struct ChargeResult: Sendable {
    let status: ChargeAttempts.Status
    /// The provider's payment; nil where it made none.
    var providerID: String?
    var chargeID: String?
    /// What has arrived; nil where nothing has.
    var received: Money?
    /// Why it did not succeed, for programs and for people.
    var code = ""
    var message = ""

    static let neverMade = ChargeResult(
        status: .canceled,
        code: "never_made",
        message: "The provider could not be reached, and nothing was charged"
    )

    static func refused(_ code: String, _ message: String) -> ChargeResult {
        ChargeResult(status: .failed, code: code, message: message)
    }

    var outcome: Charges.Outcome {
        switch status {
        case .succeeded: .paid(providerID: providerID ?? "")
        case .needsAction: .needsAction(message: message)
        case .asked, .failed, .canceled: .declined(code: code, message: message)
        }
    }
}

extension ChargeResult {
    /// Nil for a payment whose end nobody knows yet.
    init?(_ intent: JSONValue) {
        guard let id = intent["id"]?.string, let state = intent["status"]?.string else { return nil }
        let error = intent["last_payment_error"]
        switch state {
        case "succeeded":
            self.init(status: .succeeded)
            if let amount = intent["amount_received"]?.integer, let code = intent["currency"]?.string,
                let currency = Currency(code)
            {
                received = try? Money(providerAmount: amount, currency)
            }
        case "requires_action", "requires_confirmation":
            self.init(code: "authentication_required", error?["message"]?.string ?? "")
        case "requires_payment_method", "canceled":
            let code = error?["code"]?.string ?? "card_declined"
            let reason = error?["decline_code"]?.string
            self.init(code: code == "authentication_required" ? code : reason ?? code, error?["message"]?.string ?? "")
        default: return nil
        }
        providerID = id
        chargeID = intent["latest_charge"]?.string ?? intent["latest_charge"]?["id"]?.string
    }

    /// Of a request that was refused for good.
    init(_ refusal: StripeError) {
        let isAction = refusal.code == "authentication_required"
        let code = [isAction ? "" : refusal.declineCode, refusal.code].first { !$0.isEmpty } ?? "charge_refused"
        self.init(code: code, refusal.message)
        providerID = refusal.paymentIntent?["id"]?.string
    }

    private init(code: String, _ message: String) {
        let isAction = code == "authentication_required"
        let words = isAction ? "The bank wants this payment to be confirmed" : "The card was declined"
        self.init(status: isAction ? .needsAction : .failed, code: code, message: message.isEmpty ? words : message)
    }
}
