import Storage
import Web

/// What an account may use and how it pays. Every statement on `plan` is in this file.
enum Plans {
    static let free = "free"

    /// Which of the product's audiences a plan is offered to.
    enum Family: String, Sendable, Codable, CaseIterable, Documented {
        case metered, dashboard, partner, billing

        static var sample: Family { .metered }

        /// The code of what its accounts begin with, and have when nothing else is left.
        var freePlan: String { self == .partner ? "partner_free" : Plans.free }
    }

    struct Plan: Sendable {
        let id: Int64
        /// Unique; those of a family but `metered` begin with its name, as `partner_growth`.
        let code: String
        let name: String
        let isPrepaid: Bool
        let simulatorsOnly: Bool
        let family: Family
        let description: String
        let features: [String]
        let trialDays: Int64
        let archivedAt: Timestamp?
        let createdAt: Timestamp
        /// The last change of its terms or prices.
        let updatedAt: Timestamp

        /// The code without its family, as clients of that family know it: `growth`.
        var tier: String {
            let prefix = "\(family.rawValue)_"
            return code.hasPrefix(prefix) ? String(code.dropFirst(prefix.count)) : code
        }
    }

    /// A plan as it is written.
    struct Terms: Sendable {
        var name: String
        var family = Family.metered
        var isPrepaid = false
        var simulatorsOnly = false
        var description = ""
        var features: [String] = []
        var trialDays: Int64 = 0
        /// What is not named has none.
        var limits: [PlanLimits.Limit] = []
    }

    static func find(code: String, _ db: borrowing Database) throws -> Plan? {
        try db.first(
            """
            SELECT id, code, name, is_prepaid, simulators_only, family, description, features, trial_days, archived_at,
                created_at, updated_at
            FROM plan WHERE code = ?
            """,
            code,
            as: plan
        )
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Plan? {
        try db.first(
            """
            SELECT id, code, name, is_prepaid, simulators_only, family, description, features, trial_days, archived_at,
                created_at, updated_at
            FROM plan WHERE id = ?
            """,
            id,
            as: plan
        )
    }

    static func find(ofAccount id: Int64, _ db: borrowing Database) throws -> Plan? {
        try db.first(
            """
            SELECT p.id, p.code, p.name, p.is_prepaid, p.simulators_only, p.family, p.description, p.features,
                p.trial_days, p.archived_at, p.created_at, p.updated_at
            FROM account a JOIN plan p ON p.id = a.plan_id WHERE a.id = ?
            """,
            id,
            as: plan
        )
    }

    /// All, in the order they were made.
    static func list(_ db: borrowing Database) throws -> [Plan] {
        try db.all(
            """
            SELECT id, code, name, is_prepaid, simulators_only, family, description, features, trial_days, archived_at,
                created_at, updated_at
            FROM plan ORDER BY id
            """,
            as: plan
        )
    }

    /// - Throws: ``Failure`` 404.
    static func require(_ code: String, _ db: borrowing Database) throws -> Plan {
        guard let plan = try find(code: code, db) else { throw Failure.notFound("Plan not found") }
        return plan
    }

    /// The code of a plan that clients of the billing family name by its tier, as `starter`; others name it itself.
    static func code(ofTier name: String, _ db: borrowing Database) throws -> String {
        let own = "\(Family.billing.rawValue)_\(name)"
        return try find(code: own, db) == nil ? name : own
    }

    private static func plan(_ row: borrowing Row) throws -> Plan {
        let features = try InputDecoder.decode([String].self, from: JSONParser.parse(Array((row[7] as String).utf8)))
        return Plan(
            id: row[0],
            code: row[1],
            name: row[2],
            isPrepaid: row[3],
            simulatorsOnly: row[4],
            family: try row.raw(5),
            description: row[6],
            features: features,
            trialDays: row[8],
            archivedAt: (row[9] as Int64?).map { Timestamp(milliseconds: $0) },
            createdAt: Timestamp(milliseconds: row.optionalInt(10) ?? 0),
            updatedAt: Timestamp(milliseconds: row.optionalInt(11) ?? 0)
        )
    }

    /// Writes a plan and its limits as given, in the place of one of that code.
    /// - Returns: its id.
    @discardableResult
    static func put(_ code: String, _ terms: Terms, _ db: borrowing Database) throws -> Int64 {
        let features = String(decoding: try JSONEncoding.bytes(of: terms.features), as: UTF8.self)
        let id: Int64? = try db.value(
            """
            INSERT INTO plan (code, name, is_prepaid, simulators_only, family, description, features, trial_days)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (code) DO UPDATE SET name = excluded.name, is_prepaid = excluded.is_prepaid,
                simulators_only = excluded.simulators_only, family = excluded.family,
                description = excluded.description, features = excluded.features, trial_days = excluded.trial_days
            RETURNING id
            """,
            code,
            terms.name,
            terms.isPrepaid,
            terms.simulatorsOnly,
            terms.family.rawValue,
            terms.description,
            features,
            terms.trialDays
        )
        guard let id else { throw StoreError.corrupt("plan \(code) was not written") }
        try PlanLimits.set(terms.limits, of: id, db)
        return id
    }

    /// Notes that a plan was made or changed now.
    static func noteChange(of id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE plan SET created_at = coalesce(created_at, ?), updated_at = ? WHERE id = ?",
            now.milliseconds,
            now.milliseconds,
            id
        )
    }

    /// Those of an older version's store, and those that were just installed.
    static func setMissingTimes(at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE plan SET created_at = ?, updated_at = ? WHERE created_at IS NULL",
            now.milliseconds,
            now.milliseconds
        )
    }

    /// No longer offered, or offered again with nil.
    static func setArchived(_ moment: Timestamp?, _ id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE plan SET archived_at = ? WHERE id = ?", moment?.milliseconds, id)
    }

    static func isEmpty(_ db: borrowing Database) throws -> Bool {
        try db.value("SELECT count(*) FROM plan") ?? 0 == 0
    }
}

extension Plans.Terms {
    /// As the plan is now, to be changed in part.
    init(_ plan: Plans.Plan, _ db: borrowing Database) throws {
        self.init(
            name: plan.name,
            family: plan.family,
            isPrepaid: plan.isPrepaid,
            simulatorsOnly: plan.simulatorsOnly,
            description: plan.description,
            features: plan.features,
            trialDays: plan.trialDays,
            limits: try PlanLimits.list(of: plan.id, db)
        )
    }
}
