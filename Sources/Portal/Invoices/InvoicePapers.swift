/// What is written on an invoice as it was when it was made out, and kept with it as JSON.
struct InvoicePapers: Sendable {
    var taxes: [Tax] = []
    var discounts: [Discount] = []
    var buyer = Party()
    var seller = Party()
    /// A sentence for the reader, such as why a credit note was given.
    var memo = ""

    struct Tax: Sendable, Codable, Equatable {
        let name: String
        /// Millionths: 190000 are 19 %.
        let rate: Int64
        /// Part of the prices, rather than on top of them.
        let inclusive: Bool
        /// Minor units, as in ``Discount``.
        let amount: Int64
    }

    struct Discount: Sendable, Codable, Equatable {
        let name: String
        /// The coupon's.
        let code: String
        let amount: Int64
    }

    struct Party: Sendable, Codable, Equatable {
        var name: String?
        var email: String?
        var address: String?
        /// ISO 3166-1, two letters.
        var country: String?
        var taxID: String?

        enum CodingKeys: String, CodingKey {
            case name, email, address, country
            case taxID = "tax_id"
        }
    }
}
