import Storage
import Web

/// `POST /api/v1/invoices/{number}/pay`: charges a saved card what an invoice asks for.
///
/// What else is open and too small to be paid by itself is charged along with it. 402 tells what is in the way, with a
/// page where the invoice can be paid by hand; 409 that a charge of it is under way already, or that the amount is too
/// small and waits for the next payment. 503 with `payment_unknown` means that the provider has not answered: the
/// charge is pursued until it is known, and another one is refused until then, so that nothing is paid twice.
struct PayInvoice: Endpoint {
    struct Input: Codable, Sendable {
        let number: Text<1, 64>
        /// One of the account's own; the default one unless told.
        let paymentMethod: Text<1, 255>?

        enum CodingKeys: String, CodingKey {
            case number
            case paymentMethod = "payment_method"
        }
    }

    struct Answer: JSONOutput {
        let number: String
        /// `paid`
        let status: String
        /// What was charged; nothing where it was paid before.
        let amount: Amount
        let currency: String
        /// The provider's.
        let paymentID: Nullable<String>

        enum CodingKeys: String, CodingKey {
            case number, status, amount, currency
            case paymentID = "payment_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        try app.replay(to: caller)
        let found = try app.store.read { db in try Demand.find(number: input.number.value, of: accountID, db) }
        guard let demand = found else { throw Failure.notFound("Invoice not found") }
        return try await charge(demand, to: input.paymentMethod?.value, by: caller, in: app) { code, message in
            await refusal(code, message, demand, caller, app)
        }
    }

    /// - Parameter refuse: what a code of the provider and its sentence are answered with.
    static func charge(
        _ demand: Demand,
        to card: String? = nil,
        by caller: Caller,
        in app: App,
        refuse: (_ code: String, _ message: String) async -> Failure
    ) async throws -> Answer {
        guard demand.isOwed else {
            guard demand.status == .paid else {
                throw Failure.conflict("Nothing is owed on this invoice", code: "not_owed")
            }
            return Answer(demand, charged: .zero, by: nil)
        }
        switch try await Charges.charge(demand.invoiceID, to: card, in: app) {
        case .paid(let providerID):
            return try await note(providerID, for: demand, by: caller, in: app)
        case .notOwed:
            return Answer(demand, charged: .zero, by: nil)
        case .declined(let code, let message):
            throw await refuse(code, message)
        case .needsAction(let message):
            throw await refuse("authentication_required", message)
        case .nothingToCharge:
            throw await refuse("no_payment_method", "There is no card to charge")
        case .tooSmall(let tooSmall):
            throw tooSmall.debt
        case .underWay:
            throw Failure.conflict("A charge of this invoice is under way", code: "payment_under_way")
        case .notKnown(let error):
            var failure = StripeClient.unavailable(error)
            failure = Failure(503, "payment_unknown", "The payment provider has not answered. We go on asking it.")
                .adding(failure.headers.first ?? Header("Retry-After", "10"))
            throw failure
        }
    }

    private static func note(
        _ providerID: String,
        for demand: Demand,
        by caller: Caller,
        in app: App
    ) async throws -> Answer {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            try Audit.record(
                .invoicePaid,
                by: caller,
                account: demand.accountID,
                target: "invoice:\(demand.number)",
                detail: [.init("payment", .string(providerID))],
                at: now,
                db
            )
            let charged = try Payments.find(providerID, db)?.amount ?? Cents(demand.payable.minor)
            return Answer(demand, charged: charged, by: providerID)
        }
    }

    /// 402, with a page where it can be paid by hand if the provider gives us one.
    private static func refusal(
        _ code: String,
        _ message: String,
        _ demand: Demand,
        _ caller: Caller,
        _ app: App
    ) async -> Failure {
        let failure = Failure(402, code, message)
        let caller = caller.withoutClaim()
        guard let opened = try? await OpenCheckout.page(for: demand).open(by: caller, in: app) else { return failure }
        return failure.adding(
            .init("url", .string(opened.url)),
            .init("session_id", .string(opened.sessionID))
        )
    }
}

extension PayInvoice.Answer {
    init(_ demand: Demand, charged: Cents, by providerID: String?) {
        (number, status, currency) = (demand.number, "paid", demand.currency.code)
        (amount, paymentID) = (Amount(charged, demand.currency), Nullable(providerID))
    }
}

extension Caller {
    /// For a step on the way whose answer is not the request's.
    func withoutClaim() -> Caller {
        var copy = self
        copy.idempotency = nil
        return copy
    }
}
