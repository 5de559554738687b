import Web

/// `GET /i/{token}`: an invoice for whoever has its link, without signing in.
struct ShowHostedInvoice: Endpoint {
    struct Input: Codable, Sendable {
        let token: String
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> HTMLPage {
        let record = try InvoiceRecord.require(token: input.token, in: app)
        return HostedInvoice(record, token: input.token, settings: app.settings).page
    }
}

/// `GET /i/{token}/pdf`.
struct PrintHostedInvoice: Endpoint {
    static func handle(_ input: ShowHostedInvoice.Input, by caller: Caller, in app: App) async throws -> PDFFile {
        let record = try InvoiceRecord.require(token: input.token, in: app)
        return PDFFile("\(record.number).pdf", try await app.print(record))
    }
}
