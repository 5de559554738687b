import Storage

extension Invoices {
    /// Makes a draft out: lines with discounts and taxes, a number, its entries in the ledger, and what credit there is
    /// put against it.
    /// - Returns: nil when nothing is asked for. Use counts as invoiced all the same, but for what credit has paid
    ///   where there is no plan: that stands on the next one.
    /// - Throws: ``PricingFault``.
    static func finalize(
        _ draft: InvoiceDraft,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Invoice? {
        guard draft.asks else {
            let done = draft.isUseAlone ? draft.open.filter { $0.unitMicros == 0 } : draft.open
            try UsageTotals.markInvoiced(done, of: draft.accountID, db)
            return nil
        }
        var draft = try draft.balanced()
        let terms = try InvoiceTerms.of(draft.accountID, draft.reason, in: draft.currency, db)
        let bill = try draft.bill(terms)
        let issuedAt = try Accounts.time(of: draft.accountID, at: now, db)
        if draft.isUseAlone, draft.period == nil {
            draft.period = try usagePeriod(of: draft.accountID, until: issuedAt, db)
        }
        let heading = heading(of: draft, bill, terms, at: issuedAt)
        let id = try insert(heading, zip(draft.lines, bill.lines).map(InvoiceLines.Line.init), db)
        try setIssued(id, number: try InvoiceSeries.invoices.next(db), db)
        try UsageTotals.markInvoiced(draft.open, of: draft.accountID, db)
        for old in draft.carried { try setCarried(old, by: id, db) }
        try InvoicePosting.post(draft, bill, id, at: issuedAt, db)
        for (coupon, reduction) in zip(terms.coupons, bill.reductions) where reduction.amount > 0 {
            try AccountCoupons.use(coupon.couponID, by: draft.accountID, db)
        }
        let back = Cents(max(0, InvoicePosting.balance.amount(of: draft, bill)))
        let name = "More credits than charges: \(draft.description)"
        try CreditGrants.give(back, kind: .note, name: name, to: draft.accountID, at: issuedAt, db)
        if let invoice = try find(id: id, db) { try InvoiceNews.finalized(invoice, at: now, db) }
        try applyCredit(to: id, heading, at: issuedAt, db)
        try Dunning.begin(id, draft.accountID, at: issuedAt, db)
        return try find(id: id, db)
    }

    /// Invoices all use that is unbilled.
    /// - Returns: its id; nil when nothing is.
    @discardableResult
    static func raise(
        _ accountID: Int64,
        _ reason: Reason = .usage,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64? {
        try finalize(try draft(of: accountID, reason: reason, db), at: now, db)?.id
    }

    private static func heading(
        of draft: InvoiceDraft,
        _ bill: Bill,
        _ terms: InvoiceTerms,
        at issuedAt: Timestamp
    ) -> Heading {
        Heading(
            accountID: draft.accountID,
            reason: draft.reason,
            description: draft.description,
            currency: draft.currency,
            subtotal: Cents(bill.subtotal.minor),
            discount: bill.discount,
            tax: bill.tax,
            total: Cents(bill.total.minor),
            issuedAt: issuedAt,
            dueAt: issuedAt.adding(days: terms.daysToPay),
            correctsID: draft.correctsID,
            subscriptionID: draft.subscriptionID,
            period: draft.period,
            papers: terms.papers(of: bill, memo: draft.memo)
        )
    }

    /// Credit pays like money that was there before.
    private static func applyCredit(
        to id: Int64,
        _ heading: Heading,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let credit = try Ledger.credit(of: heading.accountID, db)
        let part = min(heading.total, max(.zero, credit))
        if part > .zero {
            let entry = Ledger.Entry(
                accountID: heading.accountID,
                debit: .credit,
                credit: .receivable,
                amount: part,
                reason: "credit applied",
                reference: "invoice:\(id):credit",
                postedAt: now,
                currency: heading.currency.code
            )
            try Ledger.post(entry, db)
        }
        if part > .zero || heading.total == .zero { try pay(id, part, at: now, db) }
    }
}

extension InvoiceTerms {
    /// As they were applied to a bill.
    func papers(of bill: Bill, memo: String) -> InvoicePapers {
        InvoicePapers(
            taxes: bill.taxes.map { tax in
                InvoicePapers.Tax(
                    name: tax.rate.name,
                    rate: tax.rate.millionths,
                    inclusive: tax.rate.isInclusive,
                    amount: tax.amount
                )
            },
            discounts: zip(coupons, bill.reductions).filter { $1.amount > 0 }.map { coupon, reduction in
                InvoicePapers.Discount(name: coupon.discount.name, code: coupon.code, amount: reduction.amount)
            },
            buyer: buyer,
            seller: seller,
            memo: memo
        )
    }
}

extension InvoiceLines.Line {
    init(_ line: DraftLine, _ billed: Bill.Line) {
        self.init(
            kind: line.kind,
            description: line.description,
            quantity: line.priced.quantity,
            unitPrice: line.unitPrice,
            amount: Cents(billed.amount),
            discount: Cents(billed.discount),
            taxIncluded: Cents(billed.taxIncluded),
            taxAdded: Cents(billed.taxAdded),
            total: Cents(billed.total),
            meter: line.meter,
            backend: line.backend,
            item: line.priced.item.isEmpty ? nil : line.priced.item,
            planPriceID: line.planPriceID,
            period: line.period,
            part: line.part,
            evidence: line.evidence
        )
    }
}
