import Storage
import Web

/// The seller as it stands on invoices.
struct SellerView: JSONOutput {
    let name: String
    let email: String
    let address: String
    let country: String
    let taxID: String

    enum CodingKeys: String, CodingKey {
        case name, email, address, country
        case taxID = "tax_id"
    }

    init(_ seller: InvoicePapers.Party) {
        (name, email, address) = (seller.name ?? "", seller.email ?? "", seller.address ?? "")
        (country, taxID) = (seller.country ?? "", seller.taxID ?? "")
    }
}

/// `GET /api/v1/admin/seller`: who sends the invoices.
struct ShowSeller: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> SellerView {
        try app.store.read { db in SellerView(try Seller.find(db)) }
    }
}

/// `PUT /api/v1/admin/seller`: for the invoices from now on; what is left out is empty.
struct SetSeller: Endpoint {
    static func handle(_ input: SetBillingProfile.Input, by caller: Caller, in app: App) async throws -> SellerView {
        let seller = InvoicePapers.Party(
            name: input.name?.value,
            email: input.email?.value,
            address: input.address?.value,
            country: input.country?.code,
            taxID: input.taxID?.value
        )
        let now = app.now()
        return try await app.store.write { db in
            try Seller.set(seller, at: now, db)
            try Audit.record(
                .sellerChanged,
                by: caller,
                account: nil,
                target: "setting:\(Seller.setting)",
                detail: [.init("name", .string(seller.name ?? ""))],
                at: now,
                db
            )
            return SellerView(seller)
        }
    }
}
