import Storage
import Web

/// API keys. Every statement on `api_key` is in this file.
enum APIKeys {
    /// Whether a key is good, and why not.
    enum Standing: Int64, Sendable {
        case active, revoked, expired, disabled, suspended
    }

    struct Found: Sendable {
        let grant: Caller.KeyGrant
        let holder: Caller.Holder
        let standing: Standing

        var isActive: Bool { standing == .active }
    }

    /// The one look-up that authenticates.
    static func find(digest: [UInt8], at now: Timestamp, _ db: borrowing Database) throws -> Found? {
        try db.first(
            """
            SELECT k.id, k.scopes, k.is_test, k.networks, k.rate_limits, k.monthly_quota, k.counts_as, k.app_id,
                CASE WHEN k.revoked_at IS NOT NULL THEN 1 WHEN k.expires_at <= ? THEN 2
                    WHEN k.disabled_at IS NOT NULL OR p.disabled_at IS NOT NULL OR d.deleted_at IS NOT NULL THEN 3
                    WHEN a.status <> 'active' OR a.restriction = 'suspended' OR d.status = 'SUSPENDED' THEN 4
                    ELSE 0 END,
                k.account_id, k.person_id, p.is_operator, p.name, p.email, a.stripe_customer_id, p.created_at,
                p.email_verified_at IS NOT NULL
            FROM api_key k JOIN person p ON p.id = k.person_id JOIN account a ON a.id = k.account_id
            LEFT JOIN app d ON d.id = k.app_id
            WHERE k.digest = ?
            """,
            now.milliseconds,
            digest
        ) { row in
            Found(
                grant: Caller.KeyGrant(row),
                holder: Caller.Holder(row, from: 9),
                standing: Standing(rawValue: row[8]) ?? .disabled
            )
        }
    }

    /// Stores a key by its digest; the key itself never reaches the database.
    /// - Parameter countsAs: the first of the keys in whose place it comes.
    @discardableResult
    static func insert(
        _ key: APIKey,
        digest: [UInt8],
        _ settings: KeySettings,
        countsAs: Int64? = nil,
        accountID: Int64,
        personID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            """
            INSERT INTO api_key (account_id, person_id, digest, hint, label, is_test, app_id, expires_at, scopes,
                networks, rate_limits, monthly_quota, counts_as, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            accountID,
            personID,
            digest,
            key.hint,
            settings.label,
            settings.isTest,
            settings.appID,
            settings.expiresAt?.milliseconds,
            settings.scopes.stored,
            settings.networks?.stored,
            RateWindow.stored(settings.rateLimits),
            settings.monthlyQuota,
            countsAs,
            now.milliseconds
        )
        return db.lastInsertID
    }

    /// A key without settings of its own.
    @discardableResult
    static func insert(
        _ key: APIKey,
        digest: [UInt8],
        label: String,
        accountID: Int64,
        personID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        let settings = KeySettings(label: label)
        return try insert(key, digest: digest, settings, accountID: accountID, personID: personID, at: now, db)
    }

    /// What may be changed of a key; whether it is a test key may not.
    static func update(_ id: Int64, _ settings: KeySettings, disabledAt: Timestamp?, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE api_key SET label = ?, app_id = ?, expires_at = ?, scopes = ?, networks = ?, rate_limits = ?,
                monthly_quota = ?, disabled_at = ? WHERE id = ?
            """,
            settings.label,
            settings.appID,
            settings.expiresAt?.milliseconds,
            settings.scopes.stored,
            settings.networks?.stored,
            RateWindow.stored(settings.rateLimits),
            settings.monthlyQuota,
            disabledAt?.milliseconds,
            id
        )
    }

    /// - Returns: whether there was such a key that was not revoked before.
    static func revoke(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.run("UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", now.milliseconds, id) > 0
    }

    /// Those that a person made in an account and that were not revoked.
    static func unrevoked(
        ofPerson personID: Int64,
        inAccount accountID: Int64,
        _ db: borrowing Database
    ) throws -> [Int64] {
        try db.all(
            "SELECT id FROM api_key WHERE account_id = ? AND person_id = ? AND revoked_at IS NULL ORDER BY id",
            accountID,
            personID
        ) { row in row[0] }
    }

    static func unrevoked(ofApp appID: Int64, _ db: borrowing Database) throws -> [Int64] {
        try db.all("SELECT id FROM api_key WHERE app_id = ? AND revoked_at IS NULL ORDER BY id", appID) { row in
            row[0]
        }
    }

    static func countWorking(
        ofPerson personID: Int64,
        inAccount accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int {
        let count: Int64? = try db.value(
            """
            SELECT count(*) FROM api_key WHERE account_id = ? AND person_id = ?
                AND revoked_at IS NULL AND disabled_at IS NULL AND coalesce(expires_at > ?, 1)
            """,
            accountID,
            personID,
            now.milliseconds
        )
        return Int(count ?? 0)
    }

    /// Whose key it is.
    static func account(of id: Int64, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT account_id FROM api_key WHERE id = ?", id)
    }

    /// Lets a key work until `moment` only, since another took its place.
    static func replace(_ id: Int64, by successor: Int64, from moment: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            """
            UPDATE api_key SET replaced_by = ?, expires_at = CASE WHEN expires_at < ? THEN expires_at ELSE ? END
            WHERE id = ?
            """,
            successor,
            moment.milliseconds,
            moment.milliseconds,
            id
        )
    }

    static func setLastUse(_ id: Int64, at moment: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE api_key SET last_used_at = ? WHERE id = ? AND coalesce(last_used_at < ?, 1)",
            moment.milliseconds,
            id,
            moment.milliseconds
        )
    }

    /// Keys that work or may work again, without apps' own. One whose successor works already does not count: rotating
    /// is always possible.
    static func countAgainstPlan(of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM api_key
            WHERE account_id = ? AND revoked_at IS NULL AND replaced_by IS NULL AND coalesce(expires_at > ?, 1)
                AND (app_id IS NULL OR hint NOT LIKE 'rk\\_%' ESCAPE '\\')
            """,
            accountID,
            now.milliseconds
        ) ?? 0
    }

    /// Keys that work now.
    static func countWorking(of accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM api_key
            WHERE account_id = ? AND revoked_at IS NULL AND disabled_at IS NULL AND coalesce(expires_at > ?, 1)
            """,
            accountID,
            now.milliseconds
        ) ?? 0
    }
}

// MARK: As members see them

extension APIKeys {
    /// One of the account's own; nil for another's.
    static func record(_ id: Int64, of accountID: Int64, _ db: borrowing Database) throws -> KeyRecord? {
        try db.first(
            """
            SELECT k.id, k.account_id, k.hint, k.label, k.is_test, k.app_id, k.expires_at, k.scopes, k.networks,
                k.rate_limits, k.monthly_quota, k.counts_as, k.created_at, p.email, k.last_used_at, k.revoked_at,
                k.disabled_at, k.replaced_by
            FROM api_key k JOIN person p ON p.id = k.person_id WHERE k.id = ? AND k.account_id = ?
            """,
            id,
            accountID,
            as: record
        )
    }

    /// The newest first, revoked ones too.
    /// - Parameter before: only keys with a lower id.
    static func list(
        of accountID: Int64,
        before id: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [KeyRecord] {
        try db.all(
            """
            SELECT k.id, k.account_id, k.hint, k.label, k.is_test, k.app_id, k.expires_at, k.scopes, k.networks,
                k.rate_limits, k.monthly_quota, k.counts_as, k.created_at, p.email, k.last_used_at, k.revoked_at,
                k.disabled_at, k.replaced_by
            FROM api_key k JOIN person p ON p.id = k.person_id
            WHERE k.account_id = ? AND k.id < ? ORDER BY k.id DESC LIMIT ?
            """,
            accountID,
            id,
            limit,
            as: record
        )
    }

    /// The key that an app was given when it was made, or the last that took its place; nil when it has been revoked.
    static func own(ofApp appID: Int64, of accountID: Int64, _ db: borrowing Database) throws -> KeyRecord? {
        let id: Int64? = try db.value(
            """
            SELECT max(id) FROM api_key WHERE app_id = ? AND account_id = ? AND revoked_at IS NULL
                AND replaced_by IS NULL AND hint LIKE 'rk\\_%' ESCAPE '\\'
            """,
            appID,
            accountID
        )
        return try id.flatMap { try record($0, of: accountID, db) }
    }

    private static func record(_ row: borrowing Row) -> KeyRecord {
        KeyRecord(
            id: row[0],
            accountID: row[1],
            hint: row[2],
            settings: KeySettings(
                label: row[3],
                isTest: row[4],
                appID: row[5],
                expiresAt: moment(row[6]),
                scopes: Scopes(stored: row[7]),
                networks: Networks(stored: row[8]),
                rateLimits: RateWindow.read(stored: row[9]),
                monthlyQuota: row[10]
            ),
            countsAs: row[11] ?? row[0],
            createdAt: Timestamp(milliseconds: row[12]),
            createdBy: row[13],
            lastUsedAt: moment(row[14]),
            revokedAt: moment(row[15]),
            disabledAt: moment(row[16]),
            replacedBy: row[17]
        )
    }

    private static func moment(_ milliseconds: Int64?) -> Timestamp? {
        milliseconds.map { Timestamp(milliseconds: $0) }
    }
}

extension Caller.KeyGrant {
    /// Id, scopes, whether a test key, networks, windows, quota, the key it counts as, app: the first eight columns.
    init(_ row: borrowing Row) {
        self.init(
            id: row[0],
            scopes: Scopes(stored: row[1]),
            isTest: row[2],
            networks: Networks(stored: row[3]),
            rateLimits: RateWindow.read(stored: row[4]),
            monthlyQuota: row[5],
            countsAs: row[6] ?? row[0],
            appID: row[7]
        )
    }
}

extension Caller.Holder {
    /// Account, person, whether an operator, and the profile's five, in this order from column `first` on.
    init(_ row: borrowing Row, from first: Int, role: Role? = nil) {
        self.init(
            accountID: row[first],
            userID: row[first + 1],
            isOperator: row[first + 2],
            profile: Caller.Profile(
                name: row[first + 3],
                email: row[first + 4],
                stripeCustomerID: row[first + 5],
                createdAt: Timestamp(milliseconds: row[first + 6]),
                isVerified: row[first + 7]
            ),
            role: role
        )
    }
}
