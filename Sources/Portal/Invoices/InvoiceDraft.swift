/// One line that an invoice is going to have, before discounts and taxes.
struct DraftLine: Sendable {
    enum Kind: String, Sendable {
        /// Use at a backend's price.
        case usage
        /// What of the use was covered before anything asked for it.
        case applied
        /// Use of a voided invoice that cannot be told line by line any more.
        case carried
        case manual
        case correction
        /// What a bill below nothing gives back.
        case balance
    }

    /// Which side of the ledger the amount comes from.
    enum Side: Sendable {
        /// It was charged when it was recorded.
        case unbilled
        /// It is earned with this invoice.
        case revenue
        /// It is given to the account as credit.
        case credit
    }

    /// ``Kind``, or what kind of line of a plan it is.
    let kind: String
    let description: String
    /// Amount, currency and item are what counts of it.
    let priced: PricedLine
    let postedAs: Side
    /// Nil where quantity × price is not the amount before it was rounded.
    var unitPrice: UnitPrice?
    var meter: String?
    var backend: String?
    var planPriceID: Int64?
    var period: Range<Timestamp>?
    /// Of the billing period, that a plan's item was priced for.
    var part = PeriodPart.whole
    var evidence: InvoiceLines.Evidence?

    /// A plan's fee, or what its prices come to for a meter.
    /// - Parameter meter: as the plan's item names it; ``InvoiceDraft/add(_:)`` finds the events behind it.
    init(_ priced: PricedLine, meter: String?, planPriceID: Int64, period: Range<Timestamp>) {
        (kind, description, self.priced) = (priced.kind.rawValue, priced.description, priced)
        postedAs = .revenue
        unitPrice = priced.part.isWhole ? priced.unitPrice : nil
        (self.meter, self.planPriceID, self.period) = (meter, planPriceID, period)
    }

    /// An amount with words of its own.
    init(_ kind: Kind, _ description: String, _ amount: Money, quantity: Int64 = 1, postedAs side: Side) {
        (self.kind, self.description, postedAs) = (kind.rawValue, description, side)
        priced = PricedLine(
            item: "",
            label: description,
            kind: .units,
            quantity: quantity,
            unitPrice: .zero,
            part: .whole,
            units: nil,
            amount: amount.minor,
            currency: amount.currency
        )
    }

    var amount: Int64 { priced.amount }
}

/// An invoice before it is made out: what it would say if it were, as of the moment it was read.
///
/// It is finalised in the transaction that it was read in (``Invoices/finalize(_:at:_:)``).
struct InvoiceDraft: Sendable {
    let accountID: Int64
    let currency: Currency
    let reason: Invoices.Reason
    var description: String
    var subscriptionID: Int64?
    var period: Range<Timestamp>?
    /// The invoice that this one asks for more than.
    var correctsID: Int64?
    var memo = ""
    private(set) var lines: [DraftLine] = []
    /// Recorded use that stands on no other invoice after this one, whether it costs anything or not.
    var open: [UsageTotals.Open] = []
    /// Voided invoices whose use it asks for again.
    var carried: [Int64] = []

    init(of accountID: Int64, in currency: Currency, reason: Invoices.Reason, description: String) {
        (self.accountID, self.currency, self.reason) = (accountID, currency, reason)
        self.description = description
    }

    /// Units of the recorded use by the names that plans price it under (``Meter/priced(as:)``).
    var usage: [String: Int64] {
        get throws {
            var usage: [String: Int64] = [:]
            for row in open {
                usage[row.meter.rawValue] = try (usage[row.meter.rawValue] ?? 0).plus(row.quantity)
                guard Meter.credits.contains(row.meter) else { continue }
                usage[Meter.creditsName] = try (usage[Meter.creditsName] ?? 0).plus(row.quantity)
            }
            return usage
        }
    }

    /// Adds lines; those of a plan's meter get the events that they were computed from.
    mutating func add(_ more: [DraftLine]) {
        lines += more.map { line in
            guard line.planPriceID != nil, line.evidence == nil, let meter = line.meter else { return line }
            var line = line
            let meters = Meter.priced(as: meter)
            let rows = open.filter { meters.contains($0.meter) }
            line.evidence = rows.isEmpty ? nil : InvoiceLines.Evidence(of: rows)
            return line
        }
    }

    /// Whether anything is asked for: use that is unpaid, or a line that costs or gives back something of itself.
    var asks: Bool {
        let unbilled = lines.reduce(Int128(0)) { $0 + ($1.postedAs == .unbilled ? Int128($1.amount) : 0) }
        return unbilled != 0 || lines.contains { $0.postedAs != .unbilled && $0.amount != 0 }
    }

    /// Whether no plan has a part in it.
    var isUseAlone: Bool { reason == .usage || reason == .threshold }

    /// With a line that gives the rest as credit, where the credits among the lines are more than the charges: there
    /// is no invoice below nothing.
    func balanced() throws -> InvoiceDraft {
        let sum = lines.reduce(Int128(0)) { $0 + Int128($1.amount) }
        guard sum < 0 else { return self }
        guard let rest = Int64(exactly: -sum) else { throw PricingFault.tooLarge }
        var draft = self
        draft.lines.append(
            DraftLine(.balance, "Added to the account's credit", Money(rest, currency), postedAs: .credit)
        )
        return draft
    }

    /// What it comes to, with the account's discounts and taxes.
    /// - Throws: ``PricingFault``.
    func bill(_ terms: InvoiceTerms) throws -> Bill {
        try Bill(
            lines.map(\.priced),
            in: currency,
            less: terms.coupons.map(\.discount),
            plus: terms.taxes.map(\.rate)
        )
    }
}

extension InvoiceLines.Evidence {
    /// Of rows of one meter or several together.
    init(of rows: [UsageTotals.Open]) {
        let ids = rows.compactMap(\.ids)
        let first = ids.map(\.lowerBound).min()
        self.init(
            events: rows.reduce(0) { $0 + $1.events },
            ids: first.flatMap { first in ids.map(\.upperBound).max().map { first...$0 } },
            digest: rows.reduce(into: EventDigest()) { $0 += $1.digest }.text
        )
    }
}
