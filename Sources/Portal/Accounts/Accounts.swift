import Storage
import Web

/// Accounts: who is billed. Every statement on `account` is in this file.
enum Accounts {
    struct Account: Sendable {
        let id: Int64
        let name: String
        let plan: String
        let status: String
        let restriction: String?
        let currency: String
        let createdAt: Timestamp
    }

    struct Customer {
        let id: Int64
        let name: String
        let email: String
        let stripeCustomerID: String?
    }

    static func insert(
        name: String,
        planID: Int64,
        ownerID: Int64,
        testClock: Timestamp? = nil,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run(
            """
            INSERT INTO account (name, plan_id, next_close_at, test_clock_at, created_at) VALUES (?, ?, ?, ?, ?)
            """,
            name,
            planID,
            (testClock ?? now).month.end.milliseconds,
            testClock?.milliseconds,
            now.milliseconds
        )
        let id = db.lastInsertID
        try Members.insert(ownerID, as: .owner, into: id, at: now, db)
        return id
    }

    static func find(_ id: Int64, _ db: borrowing Database) throws -> Account? {
        try db.first(
            """
            SELECT a.id, a.name, p.code, a.status, a.currency, a.created_at, a.restriction
            FROM account a JOIN plan p ON p.id = a.plan_id WHERE a.id = ?
            """,
            id,
            as: account
        )
    }

    /// By id, those after `id`.
    static func list(after id: Int64, limit: Int64, _ db: borrowing Database) throws -> [Account] {
        try db.all(
            """
            SELECT a.id, a.name, p.code, a.status, a.currency, a.created_at, a.restriction
            FROM account a JOIN plan p ON p.id = a.plan_id WHERE a.id > ? ORDER BY a.id LIMIT ?
            """,
            id,
            limit,
            as: account
        )
    }

    private static func account(_ row: borrowing Row) -> Account {
        Account(
            id: row[0],
            name: row[1],
            plan: row[2],
            status: row[3],
            restriction: row[6],
            currency: row[4],
            createdAt: Timestamp(milliseconds: row[5])
        )
    }

    /// What it is billed in; dollars where it says something that cannot be charged.
    static func currency(of id: Int64, _ db: borrowing Database) throws -> Currency {
        let code: String? = try db.value("SELECT currency FROM account WHERE id = ?", id)
        return code.flatMap { Currency($0) } ?? .usd
    }

    /// The account's own time in all that is about billing: a test account's clock, else the house's.
    static func time(of id: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Timestamp {
        let clock: Int64?? = try db.first("SELECT test_clock_at FROM account WHERE id = ?", id) { row in row[0] }
        return clock.flatMap { $0 }.map { Timestamp(milliseconds: $0) } ?? now
    }

    /// Puts a test account's clock forward.
    static func setTestClock(_ moment: Timestamp, of id: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE account SET test_clock_at = ? WHERE id = ? AND test_clock_at <= ?",
            moment.milliseconds,
            id,
            moment.milliseconds
        )
    }

    /// Nil for accounts that live by the house's time.
    static func testClock(of id: Int64, _ db: borrowing Database) throws -> Timestamp? {
        let clock: Int64? = try db.value("SELECT test_clock_at FROM account WHERE id = ?", id)
        return clock.map { Timestamp(milliseconds: $0) }
    }

    /// When its next invoice is due by the calendar.
    static func nextClose(of id: Int64, _ db: borrowing Database) throws -> Timestamp? {
        let due: Int64? = try db.value("SELECT next_close_at FROM account WHERE id = ?", id)
        return due.map { Timestamp(milliseconds: $0) }
    }

    static func setNextClose(_ moment: Timestamp, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET next_close_at = ? WHERE id = ?", moment.milliseconds, id)
    }

    /// Those of an older version's store are billed when this month ends.
    static func setMissingCloses(at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE account SET next_close_at = ? WHERE next_close_at IS NULL AND test_clock_at IS NULL",
            now.month.end.milliseconds
        )
    }

    /// Accounts by the house's time that are due, the longest first.
    static func due(at now: Timestamp, limit: Int, _ db: borrowing Database) throws -> [Int64] {
        try db.all(
            """
            SELECT id FROM account WHERE test_clock_at IS NULL AND next_close_at <= ?
            ORDER BY next_close_at, id LIMIT ?
            """,
            now.milliseconds,
            limit
        ) { row in row[0] }
    }

    /// When the first of them is.
    static func firstClose(_ db: borrowing Database) throws -> Timestamp? {
        let due: Int64? = try db.value(
            "SELECT min(next_close_at) FROM account WHERE test_clock_at IS NULL AND next_close_at IS NOT NULL"
        )
        return due.map { Timestamp(milliseconds: $0) }
    }

    static func setName(_ name: String, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET name = ? WHERE id = ?", name, id)
    }

    /// When it was done with its first steps.
    static func onboardedAt(_ id: Int64, _ db: borrowing Database) throws -> Timestamp? {
        let moment: Int64? = try db.value("SELECT onboarded_at FROM account WHERE id = ?", id)
        return moment.map { Timestamp(milliseconds: $0) }
    }

    static func setOnboarded(_ id: Int64, at now: Timestamp, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE account SET onboarded_at = ? WHERE id = ? AND onboarded_at IS NULL",
            now.milliseconds,
            id
        )
    }

    /// `active`, or `suspended`: its keys are refused, its members can still sign in and pay.
    static func setStatus(_ status: String, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET status = ? WHERE id = ?", status, id)
    }

    /// What unpaid invoices take from it: `restricted`, `suspended` or nothing.
    static func setRestriction(_ restriction: String?, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET restriction = ? WHERE id = ?", restriction, id)
    }

    static func restriction(of id: Int64, _ db: borrowing Database) throws -> String? {
        try db.value("SELECT restriction FROM account WHERE id = ?", id)
    }

    /// The account with the address of its first owner, as the payment provider knows them.
    static func customer(_ id: Int64, _ db: borrowing Database) throws -> Customer? {
        try db.first(
            """
            SELECT a.id, a.name, p.email, a.stripe_customer_id
            FROM account a JOIN member m ON m.account_id = a.id AND m.role = 'owner' JOIN person p ON p.id = m.person_id
            WHERE a.id = ? ORDER BY p.id LIMIT 1
            """,
            id
        ) { row in Customer(id: row[0], name: row[1], email: row[2], stripeCustomerID: row[3]) }
    }

    /// The addresses of the members whose role may do something, for mails about it.
    static func emails(of id: Int64, whoMay permission: Permission, _ db: borrowing Database) throws -> [String] {
        let members = try db.all(
            """
            SELECT p.email, m.role FROM member m JOIN person p ON p.id = m.person_id
            WHERE m.account_id = ? ORDER BY p.id
            """,
            id
        ) { row -> (email: String, role: Role) in (row[0], try row.raw(1)) }
        return members.filter { $0.role.may(permission) }.map(\.email)
    }

    static func find(stripeCustomer id: String, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT id FROM account WHERE stripe_customer_id = ?", id)
    }

    static func setStripeCustomer(_ customer: String, of id: Int64, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE account SET stripe_customer_id = ? WHERE id = ? AND stripe_customer_id IS NULL",
            customer,
            id
        )
    }

    /// The provider knows the customer no more: the next one who pays becomes a new one.
    static func forgetStripeCustomer(_ customer: String, _ db: borrowing Database) throws {
        try db.run(
            "UPDATE account SET stripe_customer_id = NULL, stripe_subscription_id = NULL WHERE stripe_customer_id = ?",
            customer
        )
    }

    static func setStripeSubscription(_ subscription: String, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET stripe_subscription_id = ? WHERE id = ?", subscription, id)
    }

    static func setPlan(_ planID: Int64, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET plan_id = ? WHERE id = ?", planID, id)
    }

    static func first(ofPerson id: Int64, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT account_id FROM member WHERE person_id = ? ORDER BY account_id LIMIT 1", id)
    }

    /// The account that a shell command names: by its id, or by the mail address of a member who has no other.
    /// - Throws: ``Failure`` 404, or 409 where the address does not say which.
    static func require(_ name: String, _ db: borrowing Database) throws -> Int64 {
        if let id = Int64(name) { return try require(id, db) }
        guard let email = Email(name), let person = try People.find(email: email, db) else {
            throw Failure.notFound("There is no account of \(name)")
        }
        let accounts = try Members.accounts(of: person.id, db).map(\.accountID)
        guard let id = accounts.first else { throw Failure.notFound("There is no account of \(name)") }
        guard accounts.count == 1 else {
            let ids = accounts.map { "\($0)" }.joined(separator: ", ")
            throw Failure.conflict("\(name) belongs to several accounts, name one by its id: \(ids)")
        }
        return id
    }

    /// - Returns: the id.
    /// - Throws: ``Failure`` 404.
    @discardableResult
    static func require(_ id: Int64, _ db: borrowing Database) throws -> Int64 {
        guard try find(id, db) != nil else { throw Failure.notFound("There is no account \(id)") }
        return id
    }

    /// Whether the store answers at all.
    static func hasTable(_ db: borrowing Database) throws -> Bool {
        try db.value("SELECT count(*) FROM (SELECT id FROM account LIMIT 1) AS one") as Int64? != nil
    }

    static func count(_ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT count(*) FROM account") ?? 0
    }

    /// All usage ever priced, in millionths of a dollar.
    static func usageMicros(of id: Int64, _ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT usage_micros FROM account WHERE id = ?", id) ?? 0
    }

    static func setUsage(micros: Int64, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET usage_micros = ? WHERE id = ?", micros, id)
    }
}
