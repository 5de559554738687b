import Storage
import Web

/// `POST /api/v1/admin/invoices/{number}/pay`: an operator charges the account's saved card what an invoice asks for.
/// Refused as ``PayInvoice``, but for the page to pay on, which is the account's.
struct ChargeInvoice: Endpoint {
    struct Input: Codable, Sendable {
        let number: Text<1, 64>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> PayInvoice.Answer {
        try app.replay(to: caller)
        let found = try app.store.read { db in
            try Invoices.find(number: input.number.value, db).flatMap { try Demand.find($0.id, db) }
        }
        guard let demand = found else { throw Failure.notFound("Invoice not found") }
        guard demand.isOwed else {
            guard demand.status == .paid else {
                throw Failure.conflict("Nothing is owed on this invoice", code: "not_owed")
            }
            return PayInvoice.Answer(demand, charged: .zero, by: nil)
        }
        switch try await Charges.charge(demand.invoiceID, in: app) {
        case .paid(let providerID):
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
                return PayInvoice.Answer(demand, charged: demand.owed, by: providerID)
            }
        case .notOwed: return PayInvoice.Answer(demand, charged: .zero, by: nil)
        case .declined(let code, let message): throw Failure(402, code, message)
        case .needsAction(let message): throw Failure(402, "authentication_required", message)
        case .nothingToCharge: throw Failure(402, "no_payment_method", "There is no card to charge")
        case .underWay: throw Failure.conflict("A charge of this invoice is under way", code: "payment_under_way")
        case .notKnown:
            let detail = "The payment provider has not answered. We go on asking it."
            throw Failure.unavailable(detail, code: "payment_unknown", retryAfter: 10)
        }
    }
}
