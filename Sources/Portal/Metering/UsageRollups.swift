import Storage

/// Usage added up by month and day. Every statement on `usage_month` and `usage_day` is in this file, but for the
/// look-ups of ``Quota`` and ``CallLimits``.
enum UsageRollups {
    static func add(
        _ sum: UsageBatch.Sum,
        _ accountID: Int64,
        _ cell: UsageBatch.DayCell,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO usage_day (account_id, meter, day, backend, quantity, cost_micros, events)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, meter, day, backend) DO UPDATE SET
                quantity = usage_day.quantity + excluded.quantity,
                cost_micros = usage_day.cost_micros + excluded.cost_micros,
                events = usage_day.events + excluded.events
            """,
            accountID,
            cell.meter.rawValue,
            cell.day.number,
            cell.backend.name,
            sum.quantity,
            sum.micros,
            sum.events
        )
    }

    /// - Returns: what the month comes to with it.
    static func add(
        _ sum: UsageBatch.Sum,
        _ accountID: Int64,
        _ cell: UsageBatch.MonthCell,
        _ db: borrowing Database
    ) throws -> PeriodSum {
        try db.first(
            """
            INSERT INTO usage_month (account_id, month, meter, quantity, cost_micros, events) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (account_id, month, meter) DO UPDATE SET
                quantity = usage_month.quantity + excluded.quantity,
                cost_micros = usage_month.cost_micros + excluded.cost_micros,
                events = usage_month.events + excluded.events
            RETURNING quantity, cost_micros
            """,
            accountID,
            cell.month.number,
            cell.meter.rawValue,
            sum.quantity,
            sum.micros,
            sum.events
        ) { row in PeriodSum(quantity: row[0], cost: Dollars(micros: row[1])) }
            ?? PeriodSum(quantity: sum.quantity, cost: Dollars(micros: sum.micros))
    }

    /// Moves the day and the month of an event by what a correction adds to it.
    static func correct(
        _ event: EventDigest.Event,
        quantity: Int64,
        cost: Dollars,
        _ db: borrowing Database
    ) throws {
        let day = Timestamp(milliseconds: event.occurredAt).day
        try db.run(
            """
            UPDATE usage_day SET quantity = quantity + ?, cost_micros = cost_micros + ?
            WHERE account_id = ? AND meter = ? AND day = ? AND backend = ?
            """,
            quantity,
            cost.micros,
            event.accountID,
            event.meter,
            day.number,
            event.backend
        )
        try db.run(
            """
            UPDATE usage_month SET quantity = quantity + ?, cost_micros = cost_micros + ?
            WHERE account_id = ? AND month = ? AND meter = ?
            """,
            quantity,
            cost.micros,
            event.accountID,
            day.month.number,
            event.meter
        )
    }

    struct PeriodSum: Sendable {
        let quantity: Int64
        let cost: Dollars
    }

    static func month(
        _ month: Month,
        _ meter: Meter,
        of accountID: Int64,
        _ db: borrowing Database
    ) throws -> PeriodSum {
        try db.first(
            "SELECT quantity, cost_micros FROM usage_month WHERE account_id = ? AND month = ? AND meter = ?",
            accountID,
            month.number,
            meter.rawValue
        ) { row in PeriodSum(quantity: row[0], cost: Dollars(micros: row[1])) }
            ?? PeriodSum(quantity: 0, cost: Dollars(micros: 0))
    }

    /// What a month costs, all meters together.
    static func cost(of month: Month, account id: Int64, _ db: borrowing Database) throws -> Dollars {
        let micros: Int64? = try db.value(
            "SELECT coalesce(sum(cost_micros), 0) FROM usage_month WHERE account_id = ? AND month = ?",
            id,
            month.number
        )
        return Dollars(micros: micros ?? 0)
    }

    /// Quantities by day for `days` days up to and with `last`, oldest first, zeros included.
    static func daily(
        _ meter: Meter,
        of accountID: Int64,
        days: Int,
        upTo last: Day,
        _ db: borrowing Database
    ) throws -> [(day: Day, quantity: Int64)] {
        let first = last.number - days + 1
        var quantities: [Int: Int64] = [:]
        try db.each(
            """
            SELECT day, sum(quantity) FROM usage_day
            WHERE account_id = ? AND meter = ? AND day BETWEEN ? AND ? GROUP BY day
            """,
            accountID,
            meter.rawValue,
            first,
            last.number
        ) { row in
            quantities[row[0]] = row[1]
            return true
        }
        return (first...last.number).map { (Day(number: $0), quantities[$0] ?? 0) }
    }

    /// Quantities and costs by day, days without any left out.
    static func byDay(
        _ meter: Meter,
        of accountID: Int64,
        _ days: ClosedRange<Day>,
        _ db: borrowing Database
    ) throws -> [Day: PeriodSum] {
        var sums: [Day: PeriodSum] = [:]
        try db.each(
            """
            SELECT day, sum(quantity), sum(cost_micros) FROM usage_day
            WHERE account_id = ? AND meter = ? AND day BETWEEN ? AND ? GROUP BY day
            """,
            accountID,
            meter.rawValue,
            days.lowerBound.number,
            days.upperBound.number
        ) { row in
            sums[Day(number: row[0])] = PeriodSum(quantity: row[1], cost: Dollars(micros: row[2]))
            return true
        }
        return sums
    }

    struct ServiceSum: Sendable {
        let shots: Int64
        let cost: Dollars
    }

    /// Over all accounts, for the operator.
    static func everything(_ db: borrowing Database) throws -> ServiceSum {
        try db.first(
            "SELECT coalesce(sum(quantity), 0), coalesce(sum(cost_micros), 0) FROM usage_month WHERE meter = 'shots'"
        ) { row in ServiceSum(shots: row[0], cost: Dollars(micros: row[1])) }
            ?? ServiceSum(shots: 0, cost: Dollars(micros: 0))
    }
}
