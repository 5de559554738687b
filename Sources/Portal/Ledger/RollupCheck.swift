import Storage

/// What is rolled up is what was recorded and corrected: days and totals by backend, months by meter; and campaigns'
/// days and hours.
enum RollupCheck {
    /// - Returns: a sentence for each sum that is not that of its parts.
    static func run(_ db: borrowing Database) throws -> [String] {
        let totals: [String] = try db.all(
            """
            SELECT account_id, meter, backend FROM (
                SELECT account_id, meter, backend, quantity, cost_micros, 1 AS events FROM usage_event
                UNION ALL
                SELECT e.account_id, e.meter, e.backend, c.quantity, c.cost_micros, 0
                FROM usage_correction c JOIN usage_event e ON e.id = c.event_id
                UNION ALL
                SELECT account_id, meter, backend, -quantity, -cost_micros, -events FROM usage_total
            ) AS r GROUP BY account_id, meter, backend
            HAVING sum(quantity) <> 0 OR sum(cost_micros) <> 0 OR sum(events) <> 0
            """
        ) { row in
            "the totals of account \(row[0] as Int64), \(row[1] as String) on \(row[2] as String), are not its events"
        }
        let days: [String] = try db.all(
            """
            SELECT account_id, meter, backend, day FROM (
                SELECT account_id, meter, backend, occurred_at / 86400000 AS day, quantity, cost_micros, 1 AS events
                FROM usage_event
                UNION ALL
                SELECT e.account_id, e.meter, e.backend, e.occurred_at / 86400000, c.quantity, c.cost_micros, 0
                FROM usage_correction c JOIN usage_event e ON e.id = c.event_id
                UNION ALL
                SELECT account_id, meter, backend, day, -quantity, -cost_micros, -events FROM usage_day
            ) AS r GROUP BY account_id, meter, backend, day
            HAVING sum(quantity) <> 0 OR sum(cost_micros) <> 0 OR sum(events) <> 0
            """
        ) { row in
            "day \(Day(number: row[3]).text) of account \(row[0] as Int64), \(row[1] as String) on "
                + "\(row[2] as String), is not its events"
        }
        return totals + days + (try months(db)) + (try CampaignCheck.run(db))
    }

    private struct MonthCell: Hashable {
        let account: Int64
        let meter: String
        let month: Int
    }

    private struct MonthSum: Equatable {
        var quantity: Int64 = 0
        var micros: Int64 = 0
        var events: Int64 = 0
    }

    /// Months are the sums of their days; quotas are held against them.
    private static func months(_ db: borrowing Database) throws -> [String] {
        var sums: [MonthCell: MonthSum] = [:]
        try db.each(
            """
            SELECT account_id, meter, day, sum(quantity), sum(cost_micros), sum(events)
            FROM usage_day GROUP BY account_id, meter, day
            """
        ) { row in
            let cell = MonthCell(account: row[0], meter: row[1], month: Day(number: row[2]).month.number)
            sums[cell, default: MonthSum()].quantity += row[3]
            sums[cell, default: MonthSum()].micros += row[4]
            sums[cell, default: MonthSum()].events += row[5]
            return true
        }
        var findings: [String] = []
        try db.each("SELECT account_id, meter, month, quantity, cost_micros, events FROM usage_month") { row in
            let cell = MonthCell(account: row[0], meter: row[1], month: row[2])
            let kept = MonthSum(quantity: row[3], micros: row[4], events: row[5])
            if sums.removeValue(forKey: cell) != kept { findings.append(sentence(about: cell)) }
            return true
        }
        return findings + sums.keys.map(sentence(about:)).sorted()
    }

    private static func sentence(about cell: MonthCell) -> String {
        "month \(cell.month) of account \(cell.account), \(cell.meter), is not the sum of its days"
    }
}
