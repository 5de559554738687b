import Documents

/// What an invoice says to its reader, in words: the PDF and the hosted page are made from the same.
enum InvoicePaper {
    /// - Parameter link: where it can be seen and paid; nil where nothing can be paid online.
    static func document(_ record: InvoiceRecord, payAt link: String?) -> InvoiceDocument {
        let invoice = record.invoice
        let isNote = invoice.kind == .creditNote
        var document = InvoiceDocument(title: isNote ? "Credit note" : "Invoice", number: record.number)
        document.stamp = stamp(record)
        document.seller = lines(of: invoice.papers.seller)
        document.customer = lines(of: invoice.papers.buyer)
        document.facts = [.init("Issued", InvoiceWords.date(invoice.issuedAt))]
        if !isNote { document.facts.append(.init("Due", InvoiceWords.date(invoice.dueAt))) }
        if let period = invoice.period { document.facts.append(.init("Period", InvoiceWords.period(period))) }
        if let corrects = record.corrects { document.facts.append(.init("Corrects", corrects)) }
        document.facts.append(.init("Currency", invoice.currency.code.uppercased()))
        document.headline = headline(record)
        if let link, record.isChargeable { document.payment = .init("Pay online", url: link) }
        let isPlain = invoice.discount == .zero && invoice.tax == .zero
        document.lines = record.lines.map { line($0, invoice.currency, isPlain: isPlain) }
        document.totals = totals(invoice)
        document.notes = notes(record)
        return document
    }

    /// In a sentence's worth of words: what is to be paid by when, or what has become of it.
    static func headline(_ record: InvoiceRecord) -> String {
        let invoice = record.invoice
        let money = { (cents: Cents) in InvoiceWords.money(cents, invoice.currency) }
        if let voidedAt = invoice.voidedAt { return "Void since \(InvoiceWords.date(voidedAt))" }
        guard invoice.kind == .invoice else { return "\(money(invoice.total)) credited" }
        if invoice.owed > .zero { return "\(money(invoice.owed)) due \(InvoiceWords.date(invoice.dueAt))" }
        if invoice.total == .zero { return "Nothing to pay" }
        guard let paidAt = invoice.paidAt else { return money(invoice.total) }
        return "\(money(invoice.total)) settled \(InvoiceWords.date(paidAt))"
    }

    private static func stamp(_ record: InvoiceRecord) -> InvoiceDocument.Stamp? {
        guard record.invoice.kind == .invoice || record.invoice.status == .void else { return nil }
        switch record.invoice.status {
        case .paid: return .init("PAID", .good)
        case .void: return .init("VOID", .bad)
        case .uncollectible: return .init("OVERDUE", .bad)
        case .open: return record.isOverdue ? .init("OVERDUE", .bad) : .init("OPEN", .warning)
        case .draft: return nil
        }
    }

    private static func lines(of party: InvoicePapers.Party) -> [String] {
        let address = party.address?.split(whereSeparator: \.isNewline).map(String.init) ?? []
        let parts = [party.name] + address + [party.country, party.taxID.map { "Tax ID \($0)" }, party.email]
        return parts.compactMap(\.self).filter { !$0.isEmpty }
    }

    private static func line(_ line: InvoiceLines.Line, _ currency: Currency, isPlain: Bool) -> InvoiceDocument.Line {
        let amount = { (cents: Cents) in InvoiceWords.amount(cents, currency) }
        let events = line.evidence.map { $0.events == 1 ? "1 event" : "\(InvoiceWords.count($0.events)) events" }
        let detail = [events, line.period.map(InvoiceWords.period)].compactMap(\.self)
        return InvoiceDocument.Line(
            line.description,
            detail: detail.joined(separator: ", "),
            // An amount with words of its own counts nothing.
            quantity: line.unitPrice == nil && line.quantity == 1 ? "" : InvoiceWords.count(line.quantity),
            unitPrice: line.unitPrice.map { InvoiceWords.price($0, currency) } ?? "",
            amount: amount(line.amount),
            discount: line.discount == .zero ? "" : amount(-line.discount),
            tax: line.tax == .zero ? "" : amount(line.tax),
            total: isPlain ? "" : amount(line.total)
        )
    }

    private static func totals(_ invoice: Invoices.Invoice) -> [InvoiceDocument.Total] {
        let amount = { (cents: Cents) in InvoiceWords.amount(cents, invoice.currency) }
        var totals: [InvoiceDocument.Total] = []
        let isPlain = invoice.discount == .zero && invoice.tax == .zero
        if !isPlain { totals.append(.init("Subtotal", amount(invoice.subtotal))) }
        for discount in invoice.papers.discounts {
            totals.append(.init(discount.name, amount(-Cents(discount.amount))))
        }
        for tax in invoice.papers.taxes {
            let name = "\(tax.name) \(InvoiceWords.percent(tax.rate))"
            totals.append(.init(tax.inclusive ? "\(name), included" : name, amount(Cents(tax.amount))))
        }
        // A credit note has taxes of its own, though its papers name none.
        if invoice.papers.taxes.isEmpty, invoice.tax != .zero { totals.append(.init("Tax", amount(invoice.tax))) }
        totals.append(.init("Total", InvoiceWords.money(invoice.total, invoice.currency), isMain: true))
        guard invoice.kind == .invoice, invoice.status != .void else { return totals }
        let settled = [("Paid", invoice.paid), ("Credited", invoice.credited), ("Written off", invoice.writtenOff)]
        let parts = settled.filter { $0.1 != .zero }
        totals += parts.map { .init($0.0, amount(-$0.1)) }
        if !parts.isEmpty { totals.append(.init("To pay", InvoiceWords.money(invoice.owed, invoice.currency))) }
        return totals
    }

    static let carriedNote = "What is left to pay is too little to be paid by itself: the next payment takes it along."

    private static func notes(_ record: InvoiceRecord) -> [String] {
        let currency = record.invoice.currency
        let corrections = record.corrections.map { note in
            let kind = note.kind == .creditNote ? "Credit note" : "Invoice"
            return "\(kind) \(note.number) of \(InvoiceWords.date(note.issuedAt)) corrects this invoice by "
                + "\(InvoiceWords.money(note.total, currency))."
        }
        let carried = record.isCarried ? [carriedNote] : []
        return ([record.invoice.papers.memo] + corrections + carried).filter { !$0.isEmpty }
    }
}

extension App {
    /// The PDF, made anew each time: it says what has become of the invoice until now.
    /// - Throws: ``Failure`` 503 when too many are being made; `DocumentError`.
    func print(_ record: InvoiceRecord) async throws -> [UInt8] {
        let document = InvoicePaper.document(record, payAt: stripe == nil ? nil : invoiceLinks.page(record.invoice.id))
        let created = record.invoice.issuedAt.seconds
        return try await documents.run { try InvoicePDF.render(document, at: created) }
    }
}
