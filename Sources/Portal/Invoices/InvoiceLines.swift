import Storage

/// The lines of invoices and credit notes. Every statement on `invoice_line` is in this file. Amounts are in minor
/// units of the invoice's currency.
enum InvoiceLines {
    /// The events that a line was computed from.
    struct Evidence: Sendable, Equatable {
        let events: Int64
        /// Ids of the first and the last of them; others may lie in between. Nil where corrections stand alone.
        let ids: ClosedRange<Int64>?
        /// ``EventDigest/text``.
        let digest: String
    }

    struct Line: Sendable, Equatable {
        /// ``DraftLine/Kind``, or what kind of line of a plan it is (``PricedLine/Kind``).
        let kind: String
        let description: String
        let quantity: Int64
        /// Nil where quantity × price is not the amount before it was rounded.
        var unitPrice: UnitPrice?
        /// Before discounts and taxes that come on top.
        let amount: Cents
        var discount = Cents.zero
        /// Part of the amount.
        var taxIncluded = Cents.zero
        /// On top of it.
        var taxAdded = Cents.zero
        /// What the line adds to the invoice's total.
        let total: Cents
        var meter: String?
        var backend: String?
        /// Of the plan's prices.
        var item: String?
        var planPriceID: Int64?
        var period: Range<Timestamp>?
        /// Of the billing period, that a plan's item was priced for.
        var part = PeriodPart.whole
        var evidence: Evidence?
        /// On a credit note: the line of the invoice that it takes from.
        var correctsPosition: Int?

        var tax: Cents { taxIncluded + taxAdded }
    }

    static func insert(_ lines: [Line], into invoiceID: Int64, _ db: borrowing Database) throws {
        for (position, line) in lines.enumerated() {
            try db.run(
                """
                INSERT INTO invoice_line (invoice_id, position, kind, description, quantity, unit_micros, amount,
                    discount, tax_included, tax_added, total, meter, backend, item, plan_price_id, period_start,
                    period_end, part_seconds, part_length, events, first_event_id, last_event_id, digest,
                    corrects_position)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                invoiceID,
                position,
                line.kind,
                line.description,
                line.quantity,
                line.unitPrice?.micros,
                line.amount.value,
                line.discount.value,
                line.taxIncluded.value,
                line.taxAdded.value,
                line.total.value,
                line.meter,
                line.backend,
                line.item,
                line.planPriceID,
                line.period?.lowerBound.milliseconds,
                line.period?.upperBound.milliseconds,
                line.part.isWhole ? nil : line.part.seconds,
                line.part.isWhole ? nil : line.part.length,
                line.evidence?.events,
                line.evidence?.ids?.lowerBound,
                line.evidence?.ids?.upperBound,
                line.evidence?.digest,
                line.correctsPosition
            )
        }
    }

    /// By position, counted from 0 without gaps.
    static func of(_ invoiceID: Int64, _ db: borrowing Database) throws -> [Line] {
        try db.all(
            """
            SELECT kind, description, quantity, unit_micros, amount, discount, tax_included, tax_added, total, meter,
                backend, item, plan_price_id, period_start, period_end, events, first_event_id, last_event_id, digest,
                corrects_position, part_seconds, part_length
            FROM invoice_line WHERE invoice_id = ? ORDER BY position
            """,
            invoiceID,
            as: line
        )
    }

    private static func line(_ row: borrowing Row) throws -> Line {
        var line = Line(
            kind: row[0],
            description: row[1],
            quantity: row[2],
            unitPrice: row.optionalInt(3).map { UnitPrice(micros: $0) },
            amount: Cents(row[4]),
            discount: Cents(row[5]),
            taxIncluded: Cents(row[6]),
            taxAdded: Cents(row[7]),
            total: Cents(row[8]),
            meter: row[9],
            backend: row[10],
            item: row[11],
            planPriceID: row[12],
            correctsPosition: row[19]
        )
        if let start = row.optionalInt(13), let end = row.optionalInt(14), start <= end {
            line.period = Timestamp(milliseconds: start)..<Timestamp(milliseconds: end)
        }
        if let seconds = row.optionalInt(20), let length = row.optionalInt(21) {
            line.part = try PeriodPart(seconds: seconds, of: length)
        }
        if let events = row.optionalInt(15), let digest = row.optionalText(18) {
            let first = row.optionalInt(16)
            let ids = first.flatMap { first in row.optionalInt(17).flatMap { $0 >= first ? first...$0 : nil } }
            line.evidence = Evidence(events: events, ids: ids, digest: digest)
        }
        return line
    }

    /// A line that an event was counted on, and the others that were computed with it.
    struct Standing: Sendable {
        let invoiceID: Int64
        let isVoid: Bool
        /// By position: a single line of use at a backend's price, or all lines of a plan's item.
        let lines: [(position: Int, line: Line)]
    }

    /// Where an event stands that is on an invoice: on a line of its backend, on those of a plan's items, or both.
    /// Voided invoices count until another asks for their use.
    static func standing(of event: EventDigest.Event, _ db: borrowing Database) throws -> [Standing] {
        let isCredit = Meter.priced(as: Meter.creditsName).contains { $0.rawValue == event.meter }
        let found = try db.all(
            """
            SELECT i.id, i.status = 'void', l.position, l.backend IS NULL, l.item
            FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id
            WHERE i.account_id = ? AND i.kind = 'invoice' AND (i.status <> 'void' OR i.carried_id IS NULL)
                AND ? BETWEEN l.first_event_id AND l.last_event_id
                AND (l.meter = ? OR (l.meter = 'credits' AND ?))
                AND (l.backend IS NULL OR (l.backend = ? AND coalesce(l.unit_micros, ?) = ?))
            ORDER BY i.id, l.position
            """,
            event.accountID,
            event.id,
            event.meter,
            isCredit,
            event.backend,
            event.unitMicros,
            event.unitMicros
        ) { row -> (id: Int64, isVoid: Bool, position: Int, isPlan: Bool, item: String?) in
            (row[0], row[1], row[2], row[3], row[4])
        }
        var standings: [Standing] = []
        for (index, place) in found.enumerated() {
            let isFirst = !found[..<index].contains { $0.id == place.id && $0.isPlan && $0.item == place.item }
            guard !place.isPlan || isFirst else { continue }
            let together = place.isPlan ? found.filter { $0.id == place.id && $0.item == place.item } : [place]
            let lines = try of(place.id, db)
            standings.append(
                Standing(
                    invoiceID: place.id,
                    isVoid: place.isVoid,
                    lines: together.map { ($0.position, lines[$0.position]) }
                )
            )
        }
        return standings
    }

    struct Credited: Sendable {
        let position: Int
        let total: Cents
        let taxIncluded: Cents
        let taxAdded: Cents
    }

    /// What credit notes have given back of each line of an invoice so far.
    static func credited(_ invoiceID: Int64, _ db: borrowing Database) throws -> [Credited] {
        try db.all(
            """
            SELECT l.corrects_position, sum(l.total), sum(l.tax_included), sum(l.tax_added)
            FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id
            WHERE i.corrects_id = ? AND i.kind = 'credit_note' AND i.status <> 'void'
                AND l.corrects_position IS NOT NULL
            GROUP BY l.corrects_position
            """,
            invoiceID
        ) { row in
            Credited(position: row[0], total: Cents(row[1]), taxIncluded: Cents(row[2]), taxAdded: Cents(row[3]))
        }
    }
}
