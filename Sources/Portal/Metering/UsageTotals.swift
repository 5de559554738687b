import Storage

/// Usage of all time by what a unit cost, and how much of it stands on invoices. Every statement on `usage_total` is
/// in this file.
enum UsageTotals {
    static func add(
        _ total: UsageBatch.Total,
        _ accountID: Int64,
        _ cell: UsageBatch.TotalCell,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO usage_total (account_id, meter, backend, unit_micros, quantity, cost_micros, events,
                digest_1, digest_2, digest_3, digest_4, first_event_id, last_event_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, meter, backend, unit_micros) DO UPDATE SET
                quantity = usage_total.quantity + excluded.quantity,
                cost_micros = usage_total.cost_micros + excluded.cost_micros,
                events = usage_total.events + excluded.events,
                digest_1 = usage_total.digest_1 + excluded.digest_1,
                digest_2 = usage_total.digest_2 + excluded.digest_2,
                digest_3 = usage_total.digest_3 + excluded.digest_3,
                digest_4 = usage_total.digest_4 + excluded.digest_4,
                first_event_id = coalesce(usage_total.first_event_id, excluded.first_event_id),
                last_event_id = excluded.last_event_id
            """,
            accountID,
            cell.meter.rawValue,
            cell.backend.name,
            cell.unitMicros,
            total.sum.quantity,
            total.sum.micros,
            total.sum.events,
            total.digest.words[0],
            total.digest.words[1],
            total.digest.words[2],
            total.digest.words[3],
            total.ids.first,
            total.ids.last
        )
    }

    struct BackendSum: Sendable {
        let backend: String
        let quantity: Int64
        let micros: Int64
    }

    /// All time by backend, most used first.
    static func list(_ meter: Meter, of accountID: Int64, _ db: borrowing Database) throws -> [BackendSum] {
        try db.all(
            """
            SELECT backend, sum(quantity), sum(cost_micros)
            FROM usage_total WHERE account_id = ? AND meter = ? GROUP BY backend ORDER BY 2 DESC, backend
            """,
            accountID,
            meter.rawValue
        ) { row in BackendSum(backend: row[0], quantity: row[1], micros: row[2]) }
    }

    /// What was used of a meter and backend at a price, and stands on no invoice yet.
    struct Open: Sendable, Equatable {
        let meter: Meter
        let backend: String
        let unitMicros: Int64
        let quantity: Int64
        let micros: Int64
        /// Corrections made them fewer units, not fewer events.
        let events: Int64
        /// Ids of the account's events, these and in between perhaps others; nil where there is a correction alone.
        let ids: ClosedRange<Int64>?
        let digest: EventDigest
    }

    /// By meter in the order of ``Meter``, then by backend.
    static func open(of accountID: Int64, _ db: borrowing Database) throws -> [Open] {
        let all = try db.all(
            """
            SELECT meter, backend, unit_micros, quantity - invoiced_quantity, cost_micros - invoiced_micros,
                events - invoiced_events, first_event_id, last_event_id, digest_1 - invoiced_digest_1,
                digest_2 - invoiced_digest_2, digest_3 - invoiced_digest_3, digest_4 - invoiced_digest_4
            FROM usage_total WHERE account_id = ? AND (events > invoiced_events OR quantity <> invoiced_quantity)
            ORDER BY backend, unit_micros
            """,
            accountID
        ) { row in
            let ids = (first: row[6] as Int64?, last: row[7] as Int64?)
            return Open(
                meter: try row.raw(0),
                backend: row[1],
                unitMicros: row[2],
                quantity: row[3],
                micros: row[4],
                events: row[5],
                ids: ids.first.flatMap { first in ids.last.flatMap { $0 >= first ? first...$0 : nil } },
                digest: EventDigest(words: SIMD4(row[8], row[9], row[10], row[11]))
            )
        }
        return Meter.allCases.flatMap { meter in all.filter { $0.meter == meter } }
    }

    /// Whether an event stands on an invoice: those do that were recorded before the first that does not.
    static func isInvoiced(_ event: EventDigest.Event, _ db: borrowing Database) throws -> Bool {
        try db.value(
            """
            SELECT first_event_id IS NULL OR first_event_id > ? FROM usage_total
            WHERE account_id = ? AND meter = ? AND backend = ? AND unit_micros = ?
            """,
            event.id,
            event.accountID,
            event.meter,
            event.backend,
            event.unitMicros
        ) ?? false
    }

    /// Moves a total by what a correction adds to an event. What was invoiced stays so: a note puts it right.
    static func correct(
        _ event: EventDigest.Event,
        quantity: Int64,
        cost: Dollars,
        isInvoiced: Bool,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            UPDATE usage_total SET quantity = quantity + ?, cost_micros = cost_micros + ?,
                invoiced_quantity = invoiced_quantity + ?, invoiced_micros = invoiced_micros + ?
            WHERE account_id = ? AND meter = ? AND backend = ? AND unit_micros = ?
            """,
            quantity,
            cost.micros,
            isInvoiced ? quantity : 0,
            isInvoiced ? cost.micros : 0,
            event.accountID,
            event.meter,
            event.backend,
            event.unitMicros
        )
    }

    private struct Cell: Hashable {
        let accountID: Int64
        let meter: String
        let backend: String
        let unitMicros: Int64
    }

    /// For a store of a version that kept none: digests of all events, and of the part that is invoiced, which are
    /// those before the first that is not.
    static func makeDigests(_ db: borrowing Database) throws {
        let firstOpen = Dictionary(
            try db.all("SELECT account_id, meter, backend, unit_micros, first_event_id FROM usage_total") {
                row -> (Cell, Int64) in
                (Cell(accountID: row[0], meter: row[1], backend: row[2], unitMicros: row[3]), row[4] ?? .max)
            },
            uniquingKeysWith: min
        )
        var sums: [Cell: (all: EventDigest, invoiced: EventDigest)] = [:]
        try UsageEvents.each(0...Int64.max, of: nil, db) { event in
            let cell = Cell(
                accountID: event.accountID,
                meter: event.meter,
                backend: event.backend,
                unitMicros: event.unitMicros
            )
            let digest = EventDigest(of: event)
            sums[cell, default: (EventDigest(), EventDigest())].all += digest
            if event.id < firstOpen[cell] ?? .max { sums[cell]?.invoiced += digest }
        }
        for (cell, sum) in sums {
            try db.run(
                """
                UPDATE usage_total SET digest_1 = ?, digest_2 = ?, digest_3 = ?, digest_4 = ?, invoiced_digest_1 = ?,
                    invoiced_digest_2 = ?, invoiced_digest_3 = ?, invoiced_digest_4 = ?
                WHERE account_id = ? AND meter = ? AND backend = ? AND unit_micros = ?
                """,
                sum.all.words[0],
                sum.all.words[1],
                sum.all.words[2],
                sum.all.words[3],
                sum.invoiced.words[0],
                sum.invoiced.words[1],
                sum.invoiced.words[2],
                sum.invoiced.words[3],
                cell.accountID,
                cell.meter,
                cell.backend,
                cell.unitMicros
            )
        }
    }

    /// - Returns: a sentence for each total whose digest is not that of its events.
    static func check(_ db: borrowing Database) throws -> [String] {
        var kept = Dictionary(
            try db.all(
                """
                SELECT account_id, meter, backend, unit_micros, digest_1, digest_2, digest_3, digest_4
                FROM usage_total WHERE events > 0
                """
            ) { row -> (Cell, EventDigest) in
                let cell = Cell(accountID: row[0], meter: row[1], backend: row[2], unitMicros: row[3])
                return (cell, EventDigest(words: SIMD4(row[4], row[5], row[6], row[7])))
            },
            uniquingKeysWith: { first, _ in first }
        )
        try UsageEvents.each(0...Int64.max, of: nil, db) { event in
            let cell = Cell(
                accountID: event.accountID,
                meter: event.meter,
                backend: event.backend,
                unitMicros: event.unitMicros
            )
            kept[cell, default: EventDigest()].words &-= EventDigest(of: event).words
        }
        return kept.filter { $0.value != EventDigest() }.keys.map { cell in
            "the digest of account \(cell.accountID), \(cell.meter) on \(cell.backend), is not that of its events"
        }.sorted()
    }

    /// All of these rows, as they are now, stands on an invoice.
    static func markInvoiced(_ open: [Open], of accountID: Int64, _ db: borrowing Database) throws {
        for row in open {
            try db.run(
                """
                UPDATE usage_total SET invoiced_quantity = quantity, invoiced_micros = cost_micros,
                    invoiced_events = events, invoiced_digest_1 = digest_1, invoiced_digest_2 = digest_2,
                    invoiced_digest_3 = digest_3, invoiced_digest_4 = digest_4, first_event_id = NULL,
                    last_event_id = NULL
                WHERE account_id = ? AND meter = ? AND backend = ? AND unit_micros = ?
                """,
                accountID,
                row.meter.rawValue,
                row.backend,
                row.unitMicros
            )
        }
    }
}
