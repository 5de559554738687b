import Storage

/// What applies to an account's next invoice: discounts, taxes, who buys and sells, and when it is due.
struct InvoiceTerms: Sendable {
    var coupons: [AccountCoupons.Held] = []
    var taxes: [TaxRates.Rate] = []
    var buyer = InvoicePapers.Party()
    var seller = InvoicePapers.Party()
    var daysToPay = Invoices.daysToPay

    /// - Parameter reason: corrections and what was agreed by hand take no coupon, and credit that is bought is taxed
    ///   when it is spent.
    static func of(
        _ accountID: Int64,
        _ reason: Invoices.Reason,
        in currency: Currency,
        _ db: borrowing Database
    ) throws -> InvoiceTerms {
        let profile = try BillingProfiles.find(accountID, db)
        var terms = InvoiceTerms()
        terms.buyer = try BillingProfiles.party(accountID, db)
        terms.seller = try Seller.find(db)
        terms.daysToPay = profile.daysToPay ?? Invoices.daysToPay
        if reason != .topUp { terms.taxes = try TaxRates.of(profile, db) }
        switch reason {
        case .correction, .manual, .topUp: break
        default: terms.coupons = try AccountCoupons.held(by: accountID, in: currency, db)
        }
        return terms
    }
}
