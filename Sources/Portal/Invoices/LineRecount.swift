import Storage
import Web

/// The raw events behind a line of an invoice, counted once more.
struct LineRecount: Sendable {
    private(set) var quantity: Int64 = 0
    private(set) var micros: Int64 = 0
    private(set) var events: Int64 = 0
    private(set) var ids: ClosedRange<Int64>?
    private(set) var digest = EventDigest()
    private var counted: Set<Int64> = []
    private let accountID: Int64

    /// Counts the events that the line says it is of, with what was put right before the invoice was made out.
    /// - Throws: ``StoreError``, ``PricingFault/tooLarge``.
    init(_ line: InvoiceLines.Line, on invoice: Invoices.Invoice, _ db: borrowing Database) throws {
        self.init(accountID: invoice.accountID)
        guard let ids = line.evidence?.ids, let meter = line.meter else { return }
        var count = self
        let meters = Meter.priced(as: meter).map(\.rawValue)
        try UsageEvents.each(ids, of: invoice.accountID, db) { event in
            guard meters.contains(event.meter),
                line.backend == nil || line.backend == event.backend,
                line.backend == nil || line.unitPrice.map({ $0.micros == event.unitMicros }) ?? true
            else { return }
            count.quantity = try count.quantity.plus(event.quantity)
            count.micros = try count.micros.plus(event.quantity.times(event.unitMicros))
            count.events += 1
            count.digest += EventDigest(of: event)
            count.ids = (count.ids?.lowerBound ?? event.id)...event.id
            count.counted.insert(event.id)
        }
        self = try count.adding(count.corrections(notedOn: nil, db))
    }

    private init(accountID: Int64) {
        self.accountID = accountID
    }

    /// What was put right of these events: while they stood on no invoice, or by notes on one.
    func corrections(
        notedOn invoiceID: Int64?,
        _ db: borrowing Database
    ) throws -> UsageCorrections.Difference {
        guard let last = ids?.upperBound else { return UsageCorrections.Difference(quantity: 0, micros: 0) }
        let all = try UsageCorrections.differences(of: accountID, upTo: last, notedOn: invoiceID, db)
        let ours = all.filter { counted.contains($0.key) }.values
        return UsageCorrections.Difference(
            quantity: try ours.reduce(0) { try $0.plus($1.quantity) },
            micros: try ours.reduce(0) { try $0.plus($1.micros) }
        )
    }

    func adding(_ difference: UsageCorrections.Difference) throws -> LineRecount {
        var sum = self
        sum.quantity = try sum.quantity.plus(difference.quantity)
        sum.micros = try sum.micros.plus(difference.micros)
        return sum
    }

    /// What lines computed from these events come to, in minor units.
    /// - Parameter lines: one of use at a backend's price, or all of a plan's item.
    func amount(
        of lines: [InvoiceLines.Line],
        _ db: borrowing Database
    ) throws -> Int64 {
        guard let first = lines.first, let version = first.planPriceID else {
            return Dollars(micros: micros).cents.value
        }
        let prices = try PlanVersions.require(version, db).prices
        guard let item = prices.items.first(where: { $0.name == first.item }), let meter = item.meter else {
            throw StoreError.corrupt("the prices \(version) have no item \(first.item ?? "")")
        }
        let priced = try Pricing.lines(
            of: [meter: max(0, quantity)],
            under: try PlanPrices(currency: prices.currency, items: [item]),
            for: first.part
        )
        return try priced.reduce(0) { try $0.plus($1.amount) }
    }
}
