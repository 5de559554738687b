import Storage
import Web

/// What is left of an invoice's lines, and the lines of a credit note that takes from them.
///
/// Taxes follow running totals: after each note, what was given back of a line's tax is the line's tax times the part
/// of the line that was given back, rounded. So the last note gives back the last cent of tax; where it takes what is
/// left of the invoice from some lines alone, ``closing(_:tax:)`` sees to that.
struct CreditNoteParts {
    private struct Part {
        let line: InvoiceLines.Line
        var total = Int64(0)
        var taxIncluded = Int64(0)
        var taxAdded = Int64(0)

        var left: Int64 { line.total.value - total }
    }

    private let currency: Currency
    private let planned: [Part]

    init(_ invoice: Invoices.Invoice, _ db: borrowing Database) throws {
        currency = invoice.currency
        var parts = try InvoiceLines.of(invoice.id, db).map { Part(line: $0) }
        for credited in try InvoiceLines.credited(invoice.id, db) where parts.indices.contains(credited.position) {
            parts[credited.position].total = credited.total.value
            parts[credited.position].taxIncluded = credited.taxIncluded.value
            parts[credited.position].taxAdded = credited.taxAdded.value
        }
        planned = parts
    }

    /// So much from all lines together, by what is left of each.
    /// - Throws: ``Failure`` 400 for what cannot be paid out in the currency.
    func spread(_ amount: Cents) throws -> [InvoiceLines.Line] {
        guard amount.value % currency.step == 0 else {
            throw Failure.invalid("amount", "must be a multiple of \(Money(currency.step, currency).text)")
        }
        let shares = try LargestRemainder.parts(
            of: amount.value,
            by: planned.map(\.left),
            step: currency.step
        )
        return try zip(planned.indices, shares).filter { $1 != 0 }.map { try line(at: $0, giving: $1) }
    }

    /// From one line alone.
    /// - Throws: ``Failure`` 400.
    func take(_ amount: Cents, from position: Int) throws -> InvoiceLines.Line {
        guard planned.indices.contains(position) else {
            throw Failure.invalid("lines", "names the line \(position), which the invoice does not have")
        }
        let left = planned[position].left
        guard amount > .zero, amount.value <= left, amount.value % currency.step == 0 else {
            let most = Money(max(0, left), currency).text
            throw Failure.invalid("lines", "must take from line \(position) more than 0 and at most \(most)")
        }
        return try line(at: position, giving: amount.value)
    }

    private func line(at position: Int, giving total: Int64) throws -> InvoiceLines.Line {
        let part = planned[position]
        let after = part.total + total
        let included = try step(to: after, of: part.line.taxIncluded.value, part.taxIncluded, part)
        let added = try step(to: after, of: part.line.taxAdded.value, part.taxAdded, part)
        return InvoiceLines.Line(
            kind: part.line.kind,
            description: part.line.description,
            quantity: 1,
            amount: Cents(total - added),
            taxIncluded: Cents(included),
            taxAdded: Cents(added),
            total: Cents(total),
            meter: part.line.meter,
            backend: part.line.backend,
            item: part.line.item,
            planPriceID: part.line.planPriceID,
            period: part.line.period,
            correctsPosition: position
        )
    }

    /// Lines that take the last of an invoice, with the cents of tax moved that rounding line by line has left: all
    /// notes together give back the invoice's tax, no more and no less.
    /// - Parameter tax: what is left of it.
    func closing(_ lines: [InvoiceLines.Line], tax: Cents) -> [InvoiceLines.Line] {
        var lines = lines
        var missing = tax.value - lines.reduce(0) { $0 + $1.tax.value }
        for index in lines.indices where missing != 0 {
            guard let position = lines[index].correctsPosition else { continue }
            let part = planned[position]
            let included = within(
                part.line.taxIncluded.value,
                part.taxIncluded,
                lines[index].taxIncluded.value + missing
            )
            missing -= included - lines[index].taxIncluded.value
            let added = within(part.line.taxAdded.value, part.taxAdded, lines[index].taxAdded.value + missing)
            missing -= added - lines[index].taxAdded.value
            lines[index] = lines[index].taxed(included: Cents(included), added: Cents(added))
        }
        return lines
    }

    /// A part of a line's tax, no further beyond it than to nothing or to all that is left.
    private func within(_ tax: Int64, _ given: Int64, _ step: Int64) -> Int64 {
        tax < 0 ? min(0, max(step, tax - given)) : max(0, min(step, tax - given))
    }

    /// From what was given back of a tax to what should be. Where notes were voided between others, a cent that was
    /// rounded away may be missing: never more than there is is given back, nor taken again.
    private func step(to after: Int64, of tax: Int64, _ given: Int64, _ part: Part) throws -> Int64 {
        try within(tax, given, share(of: tax, after, part) - given)
    }

    private func share(of tax: Int64, _ after: Int64, _ part: Part) throws -> Int64 {
        let whole = part.line.total.value
        guard whole != 0, tax != 0 else { return 0 }
        let sign: Int128 = whole < 0 ? -1 : 1
        return try Rounding.nearest(
            Int128(tax) * Int128(after) * sign,
            over: Int128(whole) * sign,
            step: currency.step
        )
    }
}

extension InvoiceLines.Line {
    /// With other taxes in the same total.
    fileprivate func taxed(included: Cents, added: Cents) -> InvoiceLines.Line {
        InvoiceLines.Line(
            kind: kind,
            description: description,
            quantity: quantity,
            amount: total - added,
            taxIncluded: included,
            taxAdded: added,
            total: total,
            meter: meter,
            backend: backend,
            item: item,
            planPriceID: planPriceID,
            period: period,
            correctsPosition: correctsPosition
        )
    }
}
