import Web

/// `GET /api/v1/invoices/upcoming`: what the next invoice would say if it were made out now, with discounts and taxes.
struct UpcomingInvoice: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> InvoiceEstimate {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            try InvoiceEstimate(try Invoices.upcoming(of: accountID, at: now, db), db)
        }
    }
}

extension Bill {
    var discount: Cents { Cents(reductions.reduce(0) { $0 + $1.amount }) }
    /// Of both kinds.
    var tax: Cents { Cents(taxes.reduce(0) { $0 + $1.amount }) }
}
