import Storage
import Web

/// Accounts: who is billed. Every statement on `account` and `member` is in this file.
enum Accounts {
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
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.run("INSERT INTO account (name, plan_id, created_at) VALUES (?, ?, ?)", name, planID, now.milliseconds)
        let id = db.lastInsertID
        try db.run(
            "INSERT INTO member (account_id, person_id, role, created_at) VALUES (?, ?, 'owner', ?)",
            id,
            ownerID,
            now.milliseconds
        )
        return id
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

    static func setStripeSubscription(_ subscription: String, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET stripe_subscription_id = ? WHERE id = ?", subscription, id)
    }

    static func setPlan(_ planID: Int64, of id: Int64, _ db: borrowing Database) throws {
        try db.run("UPDATE account SET plan_id = ? WHERE id = ?", planID, id)
    }

    static func first(ofPerson id: Int64, _ db: borrowing Database) throws -> Int64? {
        try db.value("SELECT account_id FROM member WHERE person_id = ? ORDER BY account_id LIMIT 1", id)
    }

    /// Nil for who does not belong to it.
    static func role(ofPerson id: Int64, in accountID: Int64, _ db: borrowing Database) throws -> Role? {
        try db.first(
            "SELECT role FROM member WHERE person_id = ? AND account_id = ?",
            id,
            accountID
        ) { row in try row.raw(0) }
    }

    /// The first account that the person belongs to.
    /// - Throws: ``Failure`` 404.
    static func require(owner email: Email, _ db: borrowing Database) throws -> Int64 {
        guard let person = try People.find(email: email, db), let id = try first(ofPerson: person.id, db) else {
            throw Failure.notFound("There is no account of \(email.value)")
        }
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
