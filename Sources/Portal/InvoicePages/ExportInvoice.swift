import Web

/// `GET /api/v1/invoices/{number}/csv`: the invoice's lines; their totals add up to the invoice's.
struct ExportInvoice: Endpoint {
    private static let linesAtOnce = 500

    static func handle(_ input: ShowInvoice.Input, by caller: Caller, in app: App) async throws -> CSVFile {
        let record = try InvoiceRecord.require(number: input.number.value, for: caller, in: app)
        return CSVFile("\(record.number).csv") { write in
            try write(
                CSV.line([
                    "invoice", "line", "kind", "description", "quantity", "unit_price", "currency", "amount",
                    "discount", "tax", "total", "meter", "backend", "period_start", "period_end", "events",
                    "first_event_id", "last_event_id", "digest",
                ])
            )
            for start in stride(from: 0, to: record.lines.count, by: linesAtOnce) {
                let end = min(start + linesAtOnce, record.lines.count)
                try write((start..<end).reduce(into: []) { $0 += CSV.line(record.fields(ofLine: $1)) })
            }
        }
    }
}

extension InvoiceRecord {
    fileprivate func fields(ofLine index: Int) -> [String] {
        let line = lines[index]
        let money = { (cents: Cents) in Money(cents.value, invoice.currency).text }
        return [
            number, "\(index + 1)", line.kind, line.description, "\(line.quantity)", line.unitPrice?.text ?? "",
            invoice.currency.code, money(line.amount), money(line.discount), money(line.tax), money(line.total),
            line.meter ?? "", line.backend ?? "", line.period?.lowerBound.text ?? "",
            line.period?.upperBound.text ?? "", line.evidence.map { "\($0.events)" } ?? "",
            line.evidence?.ids.map { "\($0.lowerBound)" } ?? "", line.evidence?.ids.map { "\($0.upperBound)" } ?? "",
            line.evidence?.digest ?? "",
        ]
    }
}
