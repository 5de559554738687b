import Storage
import Web

/// `GET /api/v1/admin/invoices/{number}/verify`, `purser invoice verify NUMBER`: the invoice computed again from the
/// raw events, and where it differs.
struct VerifyInvoice: Endpoint {
    struct Input: Codable, Sendable {
        let number: Text<1, 64>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> InvoiceVerification {
        let store = app.store
        // As many events as there are: not on a thread that answers requests.
        return try await OwnThread.run(named: "purser-verify") {
            try store.read { db in
                try InvoiceVerification(try Invoices.require(number: input.number.value, db), db)
            }
        }
    }
}
