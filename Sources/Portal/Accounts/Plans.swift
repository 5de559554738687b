import Storage

/// What an account may use and how it pays. Every statement on `plan` and `plan_limit` is in this file.
enum Plans {
    static let free = "free"

    struct Plan: Sendable {
        let id: Int64
        let code: String
        let name: String
        let isPrepaid: Bool
        let simulatorsOnly: Bool
    }

    static func find(code: String, _ db: borrowing Database) throws -> Plan? {
        try db.first("SELECT id, code, name, is_prepaid, simulators_only FROM plan WHERE code = ?", code, as: plan)
    }

    static func find(ofAccount id: Int64, _ db: borrowing Database) throws -> Plan? {
        try db.first(
            """
            SELECT p.id, p.code, p.name, p.is_prepaid, p.simulators_only
            FROM account a JOIN plan p ON p.id = a.plan_id WHERE a.id = ?
            """,
            id,
            as: plan
        )
    }

    private static func plan(_ row: borrowing Row) -> Plan {
        Plan(id: row[0], code: row[1], name: row[2], isPrepaid: row[3], simulatorsOnly: row[4])
    }

    /// Writes a plan and its limits as given; used by the initial data and by operators.
    static func put(
        code: String,
        name: String,
        isPrepaid: Bool,
        simulatorsOnly: Bool,
        limits: [Meter: Int64],
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO plan (code, name, is_prepaid, simulators_only) VALUES (?, ?, ?, ?)
            ON CONFLICT (code) DO UPDATE SET name = excluded.name, is_prepaid = excluded.is_prepaid,
                simulators_only = excluded.simulators_only
            """,
            code,
            name,
            isPrepaid,
            simulatorsOnly
        )
        guard let plan = try find(code: code, db) else { return }
        try db.run("DELETE FROM plan_limit WHERE plan_id = ?", plan.id)
        for (meter, quantity) in limits {
            try db.run(
                "INSERT INTO plan_limit (plan_id, meter, quantity) VALUES (?, ?, ?)",
                plan.id,
                meter.rawValue,
                quantity
            )
        }
    }

    /// What the account's plan allows of a meter in a month; nil without a limit.
    static func limit(_ meter: Meter, ofAccount id: Int64, _ db: borrowing Database) throws -> Int64? {
        try db.value(
            """
            SELECT l.quantity FROM account a JOIN plan_limit l ON l.plan_id = a.plan_id AND l.meter = ?
            WHERE a.id = ?
            """,
            meter.rawValue,
            id
        )
    }

    /// How many keys an account of this plan may have at once; nil: as many as it likes.
    static func keyLimit(ofAccount id: Int64, _ db: borrowing Database) throws -> Int64? {
        try db.value(
            """
            SELECT l.quantity FROM account a JOIN plan_limit l ON l.plan_id = a.plan_id AND l.meter = 'keys'
            WHERE a.id = ?
            """,
            id
        )
    }

    static func setKeyLimit(_ limit: Int64, ofPlan code: String, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO plan_limit (plan_id, meter, quantity) SELECT id, 'keys', ? FROM plan WHERE code = ?
            ON CONFLICT (plan_id, meter) DO UPDATE SET quantity = excluded.quantity
            """,
            limit,
            code
        )
    }

    /// What each unit beyond a limit costs, in millionths of a dollar; nil: there are none beyond it.
    static func setOverage(
        micros: Int64?,
        of meter: Meter,
        inPlan code: String,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            UPDATE plan_limit SET overage_micros = ?
            WHERE meter = ? AND plan_id = (SELECT id FROM plan WHERE code = ?)
            """,
            micros,
            meter.rawValue,
            code
        )
    }

    static func isEmpty(_ db: borrowing Database) throws -> Bool {
        try db.value("SELECT count(*) FROM plan") ?? 0 == 0
    }
}
