import Web

/// `POST /i/{token}/pay`: sends the browser to the provider's page, where what is still owed can be paid.
struct PayHostedInvoice: Endpoint {
    /// - Throws: ``Failure`` 404, 409 where nothing is owed, 503 without a provider.
    static func handle(_ input: ShowHostedInvoice.Input, by caller: Caller, in app: App) async throws -> PageRedirect {
        let record = try InvoiceRecord.require(token: input.token, in: app)
        guard let demand = try app.store.read({ db in try Demand.find(record.invoice.id, db) }) else {
            throw Failure.conflict("Nothing is owed on \(record.number)", code: "not_owed")
        }
        var page = try OpenCheckout.page(for: demand)
        page.backTo = app.invoiceLinks.page(record.invoice.id)
        return PageRedirect(path: try await page.open(by: caller, in: app).url)
    }
}
