import Outbound
import Storage
import Web

/// Asks the provider how the thing that an event is about stands now. An event is only a hint: it may be old, and who
/// knows the webhook's secret could make one up.
struct StripeLookUp {
    /// An object as it is now, and what kind it is.
    struct Found: Sendable {
        let about: StripeEventTypes.About
        let object: JSONValue
        /// Of an intent: no page at the provider began it.
        var hasNoPage = false
    }

    let stripe: StripeClient
    let app: App
    let patience: StripeClient.Patience

    /// In the order in which they are to be applied: a payment before what goes back of it.
    /// - Returns: nothing for an object that the provider does not know.
    /// - Throws: ``StripeError``, `OutboundError`.
    func find(_ event: StripeEvents.Event, _ about: StripeEventTypes.About) async throws -> [Found] {
        guard let object = event.object else { return [] }
        guard let path = about.path(event.objectID) else { return [Found(about: about, object: object)] }
        do {
            var current = try await stripe.get(path, [], patience)
            if about == .charge { current = try await addRefunds(to: current) }
            let before = try await payment(of: current, about)
            // The payment itself, then, and no page began it.
            if about == .intent, before.contains(where: \.hasNoPage) { return before }
            return before + [Found(about: about, object: current)]
        } catch let error as StripeError where error.isMissing {
            return []
        }
    }

    /// The page or the charge that began a payment which is not booked yet, so that its refund or dispute finds it.
    private func payment(of object: JSONValue, _ about: StripeEventTypes.About) async throws -> [Found] {
        let name: String? =
            switch about {
            case .intent where object["status"]?.string == "succeeded": object["id"]?.string
            case .charge, .refund, .dispute: object["payment_intent"]?.string
            default: nil
            }
        guard let name, try app.store.read({ db in try Payments.find(name, db) }) == nil else { return [] }
        let page = try await stripe.get("/v1/checkout/sessions", [("payment_intent", name)], patience)
        guard case .array(let sessions)? = page["data"] else { return [] }
        if sessions.isEmpty {
            // Then a charge of ours may have begun it, whose answer was lost, or somebody at the provider.
            let intent = about == .intent ? object : try await stripe.get("/v1/payment_intents/\(name)", [], patience)
            return [Found(about: .intent, object: intent, hasNoPage: true)]
        }
        return sessions.map { Found(about: .session, object: $0) }
    }

    /// Where they belong in the object, though newer versions of the API leave them out.
    private func addRefunds(to charge: JSONValue) async throws -> JSONValue {
        guard case .object(let members) = charge, let id = charge["id"]?.string else { return charge }
        let page = try await stripe.get("/v1/refunds", [("charge", id), ("limit", "100")], patience)
        return .object(members.filter { $0.name != "refunds" } + [.init("refunds", page)])
    }
}
