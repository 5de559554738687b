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
        return try await PayInvoice.charge(demand, by: caller, in: app) { code, message in Failure(402, code, message) }
    }
}
