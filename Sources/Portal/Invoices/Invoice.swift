import Web

extension Invoices {
    enum Kind: String, Sendable {
        case invoice
        case creditNote = "credit_note"

        var series: InvoiceSeries { self == .invoice ? .invoices : .creditNotes }
    }

    enum Status: String, Sendable, Codable, CaseIterable, Documented {
        case draft, open, paid, void, uncollectible

        static var sample: Status { .open }
    }

    /// Why it was made out.
    enum Reason: String, Sendable, Codable, CaseIterable, Documented {
        /// What was used since the last one, of an account that pays as it goes.
        case usage
        /// A subscription's period has ended.
        case period
        /// Unpaid use has reached the setting.
        case threshold
        /// A subscription has begun, or was changed.
        case start, change
        case correction
        case topUp = "top_up"
        case manual

        static var sample: Reason { .usage }
    }

    struct Invoice: Sendable {
        let id: Int64
        let accountID: Int64
        let kind: Kind
        /// Nil on drafts.
        let number: String?
        let status: Status
        let reason: Reason
        let description: String
        let currency: Currency
        let subtotal: Cents
        let discount: Cents
        let tax: Cents
        let total: Cents
        /// A credit note's: what of it was given as credit, or went back to the payer.
        let paid: Cents
        /// By credit notes: part of the total that is no longer asked for. A credit note's: what of it was.
        let credited: Cents
        let writtenOff: Cents
        let issuedAt: Timestamp
        let dueAt: Timestamp
        let paidAt: Timestamp?
        let voidedAt: Timestamp?
        /// What a credit note takes from, or a further invoice corrects.
        let correctsID: Int64?
        let subscriptionID: Int64?
        let period: Range<Timestamp>?
        let papers: InvoicePapers

        /// What is still to be paid.
        var owed: Cents {
            let asks = kind == .invoice && (status == .open || status == .uncollectible)
            return asks ? total - paid - credited - writtenOff : .zero
        }
    }

    /// What is written of an invoice before it has a number.
    struct Heading: Sendable {
        let accountID: Int64
        var kind = Kind.invoice
        let reason: Reason
        let description: String
        let currency: Currency
        var subtotal: Cents
        var discount = Cents.zero
        var tax = Cents.zero
        let total: Cents
        let issuedAt: Timestamp
        let dueAt: Timestamp
        var correctsID: Int64?
        var subscriptionID: Int64?
        var period: Range<Timestamp>?
        var papers = InvoicePapers()
    }

    /// A place in a list: those of an earlier moment, or of the same and a lower id, come after it.
    struct Position: Sendable {
        let issuedAt: Timestamp
        let id: Int64

        static let first = Position(issuedAt: Timestamp(milliseconds: .max), id: .max)
    }
}
