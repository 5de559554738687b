import Storage

/// The entries that an invoice posts when it is made out, and that voiding takes back. Together they put its total on
/// the account's receivable.
enum InvoicePosting: String, CaseIterable {
    /// Recorded use, less its discount.
    case use
    /// What discounts take of use that was charged in full.
    case discount
    /// What is earned with the invoice, less its discount.
    case fees
    case taxAdded = "tax"
    case taxIncluded = "tax_included"
    /// What a bill below nothing gives back.
    case balance

    var sides: (debit: Ledger.Side, credit: Ledger.Side) {
        switch self {
        case .use: (.receivable, .unbilled)
        case .discount: (.revenue, .unbilled)
        case .fees: (.receivable, .revenue)
        case .taxAdded: (.receivable, .tax)
        case .taxIncluded: (.revenue, .tax)
        case .balance: (.receivable, .credit)
        }
    }

    func reference(_ invoiceID: Int64) -> String { "invoice:\(invoiceID):\(rawValue)" }

    /// How much, in minor units; below zero it goes the other way.
    func amount(of draft: InvoiceDraft, _ bill: Bill) -> Int64 {
        zip(draft.lines, bill.lines).reduce(0) { sum, pair in
            let (line, billed) = pair
            return switch (self, line.postedAs) {
            case (.use, .unbilled), (.fees, .revenue): sum + billed.amount - billed.discount
            case (.discount, .unbilled): sum + billed.discount
            case (.taxAdded, _): sum + billed.taxAdded
            case (.taxIncluded, _): sum + billed.taxIncluded
            case (.balance, .credit): sum + billed.amount
            default: sum
            }
        }
    }

    static func post(
        _ draft: InvoiceDraft,
        _ bill: Bill,
        _ invoiceID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        for posting in allCases {
            let amount = posting.amount(of: draft, bill)
            guard amount != 0 else { continue }
            let (debit, credit) = posting.sides
            let entry = Ledger.Entry(
                accountID: draft.accountID,
                debit: amount > 0 ? debit : credit,
                credit: amount > 0 ? credit : debit,
                amount: Cents(abs(amount)),
                reason: "invoice",
                reference: posting.reference(invoiceID),
                postedAt: now,
                currency: draft.currency.code
            )
            try Ledger.post(entry, db)
        }
    }

    /// What an invoice's entries together put on the account's receivable.
    static func total(_ invoiceID: Int64, _ db: borrowing Database) throws -> Cents {
        // The first version posted one entry, without a name for its part.
        let references = ["invoice:\(invoiceID)"] + allCases.map { $0.reference(invoiceID) }
        return try references.reduce(.zero) { sum, reference in
            guard let entry = try Ledger.find(reference: reference, db) else { return sum }
            if entry.debit == .receivable { return sum + entry.amount }
            return entry.credit == .receivable ? sum - entry.amount : sum
        }
    }

    /// Posts each of an invoice's entries the other way round.
    static func takeBack(_ invoiceID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        // The first version posted one entry, without a name for its part.
        for reference in ["invoice:\(invoiceID)"] + allCases.map({ $0.reference(invoiceID) }) {
            guard let posted = try Ledger.find(reference: reference, db) else { continue }
            let entry = Ledger.Entry(
                accountID: posted.accountID,
                debit: posted.credit,
                credit: posted.debit,
                amount: posted.amount,
                reason: "invoice voided",
                reference: "\(reference):void",
                postedAt: now,
                currency: posted.currency
            )
            try Ledger.post(entry, db)
        }
    }
}
