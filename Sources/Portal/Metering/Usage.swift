import Storage
import Web

/// One use of a meter, priced.
struct UsageEvent: Sendable {
    let meter: Meter
    let backend: Backend
    let quantity: Int64
    let price: Prices.Price
    let occurredAt: Timestamp
    /// The client's own id; the same id is counted once, for ever.
    var eventKey: String?
    /// JSON text of what the client said beside it.
    var detail: String?

    var cost: Dollars { price.cost(of: quantity) }
}

/// Events of one account on their way into the store: each inserted, the roll-ups added up and written once at the end.
///
/// ``finish(_:)`` must run in the same transaction as ``add(_:_:)``.
struct UsageBatch {
    struct Sum {
        var quantity: Int64 = 0
        var micros: Int64 = 0
        var events: Int64 = 0

        mutating func add(_ event: UsageEvent) {
            quantity += event.quantity
            micros += event.cost.micros
            events += 1
        }
    }

    /// With what shows later which events these were.
    struct Total {
        var sum = Sum()
        var digest = EventDigest()
        var ids: (first: Int64, last: Int64) = (.max, 0)

        mutating func add(_ event: UsageEvent, _ id: Int64, _ digest: EventDigest) {
            sum.add(event)
            self.digest += digest
            ids = (min(ids.first, id), max(ids.last, id))
        }
    }

    struct DayCell: Hashable {
        let meter: Meter
        let day: Day
        let backend: Backend
    }

    struct TotalCell: Hashable {
        let meter: Meter
        let backend: Backend
        let unitMicros: Int64
    }

    struct MonthCell: Hashable {
        let meter: Meter
        let month: Month
    }

    /// A billion dollars: what an account can use in all. Sums over accounts stay within 64 bits, whatever clients
    /// send.
    static let mostMicros: Int64 = 1_000_000_000_000_000

    let accountID: Int64
    let keyID: Int64
    /// All the account ever used before this batch, as read in the same transaction.
    let usageMicros: Int64
    let now: Timestamp
    let threshold: Cents
    /// Where the account is a customer of the provider: its uses are reported there too.
    let meterReports: MeterReports?
    /// Nothing is recorded or charged; what is asked of the batch is answered all the same.
    var isTest = false
    /// What was read of the account in the same transaction, where it was.
    var quota: Quota?

    private var days: [DayCell: Sum] = [:]
    private var totals: [TotalCell: Total] = [:]
    private var micros: Int64 = 0

    init(
        accountID: Int64,
        keyID: Int64,
        usageMicros: Int64,
        now: Timestamp,
        threshold: Cents,
        meterReports: MeterReports?
    ) {
        (self.accountID, self.keyID, self.usageMicros, self.now) = (accountID, keyID, usageMicros, now)
        (self.threshold, self.meterReports) = (threshold, meterReports)
    }

    /// - Returns: the event's id, nil for one whose key was recorded before.
    /// - Throws: ``Failure`` 400 past ``mostMicros``.
    mutating func add(_ event: UsageEvent, _ db: borrowing Database) throws -> Int64? {
        guard event.cost.micros <= Self.mostMicros - micros else { throw Self.tooMuch }
        guard !isTest else { return 0 }
        guard let id = try UsageEvents.insert(event, accountID, keyID, at: now, db) else { return nil }
        let cell = DayCell(meter: event.meter, day: event.occurredAt.day, backend: event.backend)
        days[cell, default: Sum()].add(event)
        let total = TotalCell(meter: event.meter, backend: event.backend, unitMicros: event.price.unitMicros)
        totals[total, default: Total()].add(event, id, digest(of: event, id))
        micros += event.cost.micros
        if let meterReports, event.meter == .shots, event.quantity > 0 {
            try meterReports.report(
                eventID: id,
                event.quantity,
                at: event.occurredAt,
                accountID: accountID,
                at: now,
                db
            )
        }
        return id
    }

    private func digest(of event: UsageEvent, _ id: Int64) -> EventDigest {
        EventDigest(
            of: EventDigest.Event(
                id: id,
                accountID: accountID,
                meter: event.meter.rawValue,
                backend: event.backend.name,
                quantity: event.quantity,
                unitMicros: event.price.unitMicros,
                occurredAt: event.occurredAt.milliseconds,
                recordedAt: now.milliseconds,
                eventKey: event.eventKey
            )
        )
    }

    static let tooMuch = Failure.badRequest(
        "This is more than an account can be billed",
        code: "usage_too_large"
    )

    /// Writes the roll-ups, posts the charge and raises an invoice where the threshold is reached.
    /// - Throws: ``Failure`` 400 past ``mostMicros``.
    func finish(_ db: borrowing Database) throws {
        var months: [MonthCell: Sum] = [:]
        for (cell, sum) in days {
            try UsageRollups.add(sum, accountID, cell, db)
            months[MonthCell(meter: cell.meter, month: cell.day.month), default: Sum()] += sum
        }
        for (cell, sum) in months {
            let after = try UsageRollups.add(sum, accountID, cell, db)
            if cell.month == now.month { try notice(cell.meter, sum, after, db) }
        }
        for (cell, total) in totals { try UsageTotals.add(total, accountID, cell, db) }
        guard micros > 0 else { return }
        let total = usageMicros + micros
        guard total <= Self.mostMicros else { throw Self.tooMuch }
        try Accounts.setUsage(micros: total, of: accountID, db)
        // The ledger holds the running total rounded, so each charge is the step between two rounded totals.
        let charge = Dollars(micros: total).cents - Dollars(micros: usageMicros).cents
        guard charge > .zero else { return }
        let unbilled = try Ledger.charge(charge, to: accountID, at: now, db)
        if unbilled >= threshold { try Invoices.raise(accountID, .threshold, at: now, db) }
    }

    /// Tells the account when a step of its limit or budget was passed.
    private func notice(
        _ meter: Meter,
        _ sum: Sum,
        _ after: UsageRollups.PeriodSum,
        _ db: borrowing Database
    ) throws {
        // What calls come to is counted by ``CallMonths``; here is only what of them is billed.
        if meter != .calls {
            let limit = quota?.meter == meter ? quota?.limit : try PlanLimits.find(meter, ofAccount: accountID, db)
            let before = after.quantity - sum.quantity
            let subject = UsageAlerts.Subject.meter(meter)
            try UsageAlerts.notice(subject, of: accountID, from: before, to: after.quantity, limit: limit, at: now, db)
        }
        guard sum.micros > 0 else { return }
        guard let budget = try quota.map(\.budget) ?? Budgets.find(accountID, db) else { return }
        try UsageAlerts.notice(budget, of: accountID, adding: sum.micros, at: now, db)
    }
}

private func += (left: inout UsageBatch.Sum, right: UsageBatch.Sum) {
    left.quantity += right.quantity
    left.micros += right.micros
    left.events += right.events
}

/// The raw events. Every statement on `usage_event` is in this file.
enum UsageEvents {
    static func insert(
        _ event: UsageEvent,
        _ accountID: Int64,
        _ keyID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64? {
        let changes = try db.run(
            """
            INSERT INTO usage_event (account_id, key_id, meter, backend, quantity, unit_micros, cost_micros,
                occurred_at, recorded_at, event_key, detail)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, event_key) WHERE event_key IS NOT NULL DO NOTHING
            """,
            accountID,
            keyID,
            event.meter.rawValue,
            event.backend.name,
            event.quantity,
            event.price.unitMicros,
            event.cost.micros,
            event.occurredAt.milliseconds,
            now.milliseconds,
            event.eventKey,
            event.detail
        )
        return changes > 0 ? db.lastInsertID : nil
    }

    /// The newest first, by when they happened.
    static func list(
        of accountID: Int64,
        before position: Position?,
        limit: Int,
        _ db: borrowing Database
    ) throws -> [EventDigest.Event] {
        try db.all(
            """
            SELECT id, account_id, meter, backend, quantity, unit_micros, occurred_at, recorded_at, event_key
            FROM usage_event WHERE account_id = ? AND (occurred_at, id) < (?, ?)
            ORDER BY occurred_at DESC, id DESC LIMIT ?
            """,
            accountID,
            position?.occurredAt.milliseconds ?? .max,
            position?.id ?? .max,
            limit
        ) { row in event(row) }
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> EventDigest.Event? {
        try db.first(
            """
            SELECT id, account_id, meter, backend, quantity, unit_micros, occurred_at, recorded_at, event_key
            FROM usage_event WHERE id = ?
            """,
            id
        ) { row in event(row) }
    }

    /// All of them by id, from the first to the last of `ids`, of one account or of all.
    static func each(
        _ ids: ClosedRange<Int64>,
        of accountID: Int64?,
        _ db: borrowing Database,
        _ body: (EventDigest.Event) throws -> Void
    ) throws {
        try db.each(
            """
            SELECT id, account_id, meter, backend, quantity, unit_micros, occurred_at, recorded_at, event_key
            FROM usage_event WHERE id BETWEEN ? AND ? AND (? IS NULL OR account_id = ?) ORDER BY id
            """,
            ids.lowerBound,
            ids.upperBound,
            accountID,
            accountID
        ) { row in
            try body(event(row))
            return true
        }
    }

    private static func event(_ row: borrowing Row) -> EventDigest.Event {
        EventDigest.Event(
            id: row[0],
            accountID: row[1],
            meter: row[2],
            backend: row[3],
            quantity: row[4],
            unitMicros: row[5],
            occurredAt: row[6],
            recordedAt: row[7],
            eventKey: row[8]
        )
    }

    /// The newest; 0 when there is none.
    static func lastID(_ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT max(id) FROM usage_event") ?? 0
    }

    /// Uses of shots that were recorded after another, oldest first.
    static func shots(
        of accountID: Int64,
        after id: Int64,
        _ db: borrowing Database
    ) throws -> [(id: Int64, quantity: Int64, occurredAt: Timestamp)] {
        try db.all(
            """
            SELECT id, quantity, occurred_at FROM usage_event
            WHERE id > ? AND account_id = ? AND meter = 'shots' AND quantity > 0 ORDER BY id
            """,
            id,
            accountID
        ) { row in (row[0], row[1], Timestamp(milliseconds: row[2])) }
    }

    /// An account's events by when they happened, those after a position and before a moment.
    static func page(
        of accountID: Int64,
        after position: Position,
        until end: Timestamp,
        limit: Int,
        _ db: borrowing Database
    ) throws -> [Stored] {
        try db.all(
            """
            SELECT occurred_at, id, recorded_at, meter, backend, quantity, unit_micros, cost_micros, key_id, event_key
            FROM usage_event
            WHERE account_id = ? AND (occurred_at, id) > (?, ?) AND occurred_at < ?
            ORDER BY occurred_at, id LIMIT ?
            """,
            accountID,
            position.occurredAt.milliseconds,
            position.id,
            end.milliseconds,
            limit
        ) { row in
            Stored(
                position: Position(occurredAt: Timestamp(milliseconds: row[0]), id: row[1]),
                recordedAt: Timestamp(milliseconds: row[2]),
                meter: row[3],
                backend: row[4],
                quantity: row[5],
                unitPrice: Dollars(micros: row[6]),
                cost: Dollars(micros: row[7]),
                keyID: row[8],
                eventKey: row[9]
            )
        }
    }
}
