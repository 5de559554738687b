import Storage
import Web

/// Who belongs to which account, and as what. Every statement on `member` is in this file.
///
/// The rules are asked inside the transaction that changes something, of roles as they are then: of two owners who
/// remove each other at once, one stays.
enum Members {
    struct Member: Sendable {
        let id: Int64
        let name: String
        let email: String
        let role: Role
        let joinedAt: Timestamp
    }

    struct Membership: Sendable {
        let accountID: Int64
        let name: String
        let role: Role
        let plan: String
        let status: String
    }

    static func list(of accountID: Int64, _ db: borrowing Database) throws -> [Member] {
        try db.all(
            """
            SELECT m.person_id, p.name, p.email, m.role, m.created_at FROM member m JOIN person p ON p.id = m.person_id
            WHERE m.account_id = ? ORDER BY m.created_at, m.person_id
            """,
            accountID
        ) { row in
            Member(
                id: row[0],
                name: row[1],
                email: row[2],
                role: try row.raw(3),
                joinedAt: Timestamp(milliseconds: row[4])
            )
        }
    }

    /// The accounts of a person, the oldest first.
    static func accounts(of personID: Int64, _ db: borrowing Database) throws -> [Membership] {
        try db.all(
            """
            SELECT a.id, a.name, m.role, p.code, a.status FROM member m JOIN account a ON a.id = m.account_id
            JOIN plan p ON p.id = a.plan_id WHERE m.person_id = ? ORDER BY a.id
            """,
            personID
        ) { row in
            Membership(accountID: row[0], name: row[1], role: try row.raw(2), plan: row[3], status: row[4])
        }
    }

    static func role(of personID: Int64, in accountID: Int64, _ db: borrowing Database) throws -> Role? {
        try db.first(
            "SELECT role FROM member WHERE account_id = ? AND person_id = ?",
            accountID,
            personID
        ) { row in try row.raw(0) }
    }

    /// - Throws: ``Failure`` 409 when they belong to it already.
    static func insert(
        _ personID: Int64,
        as role: Role,
        into accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let changes = try db.run(
            """
            INSERT INTO member (account_id, person_id, role, created_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (account_id, person_id) DO NOTHING
            """,
            accountID,
            personID,
            role.rawValue,
            now.milliseconds
        )
        guard changes > 0 else { throw Failure.conflict("This person is a member already", code: "already_member") }
    }

    /// Checks that the caller may, at this moment, hand out or take away these roles.
    /// - Throws: ``Failure`` 403. A shell command may everything.
    static func require(_ caller: Caller, toHandle roles: Role..., db: borrowing Database) throws {
        if case .shell = caller.kind { return }
        let holder = try caller.requireHolder()
        guard let own = try role(of: holder.userID, in: holder.accountID, db), own.may(.manage) else {
            throw Failure.forbidden("Your role in this account does not allow this", code: "insufficient_role")
        }
        guard own == .owner || !roles.contains(.owner) else {
            throw Failure.forbidden("Only an owner can make or remove owners", code: "insufficient_role")
        }
    }

    /// - Throws: ``Failure`` 404 for who is no member, 409 for the last owner.
    /// - Parameter alsoInvited: whether open invitations hold a seat too, as they do before another one is sent.
    /// - Throws: ``Failure`` 403 where the plan has no seat for one more.
    static func requireSeat(
        in accountID: Int64,
        alsoInvited: Bool,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard let seats = try PlanLimits.find(.seats, ofAccount: accountID, db) else { return }
        let members = try count(in: accountID, db)
        let invited = alsoInvited ? try Invitations.countOpen(in: accountID, at: now, db) : 0
        guard members + invited < seats else {
            throw Failure.forbidden("This plan has \(seats) seats; change the plan", code: "seat_limit_reached")
                .adding(.init("upgrade_required", .bool(true)))
        }
    }

    static func count(in accountID: Int64, _ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT count(*) FROM member WHERE account_id = ?", accountID) ?? 0
    }

    static func setRole(
        _ role: Role,
        of personID: Int64,
        in accountID: Int64,
        _ db: borrowing Database
    ) throws {
        if role != .owner { try requireAnotherOwner(than: personID, in: accountID, db) }
        try db.run(
            "UPDATE member SET role = ? WHERE account_id = ? AND person_id = ?",
            role.rawValue,
            accountID,
            personID
        )
        if !role.may(.manage) { try Invitations.deleteAll(by: personID, in: accountID, db) }
    }

    /// Ends a membership, and with it the person's sessions in the account and the invitations they sent: an
    /// administrator who is removed must not come back by one.
    /// - Throws: ``Failure`` 409 for the last owner.
    static func delete(_ personID: Int64, from accountID: Int64, _ db: borrowing Database) throws {
        try requireAnotherOwner(than: personID, in: accountID, db)
        try db.run("DELETE FROM member WHERE account_id = ? AND person_id = ?", accountID, personID)
        try Sessions.deleteAll(ofPerson: personID, inAccount: accountID, db)
        try Invitations.deleteAll(by: personID, in: accountID, db)
    }

    /// An owner who is disabled cannot act, so they do not count as the other one.
    private static func requireAnotherOwner(
        than personID: Int64,
        in accountID: Int64,
        _ db: borrowing Database
    ) throws {
        guard try role(of: personID, in: accountID, db) == .owner else { return }
        let others: Int64 =
            try db.value(
                """
                SELECT count(*) FROM member m JOIN person p ON p.id = m.person_id
                WHERE m.account_id = ? AND m.role = 'owner' AND m.person_id <> ? AND p.disabled_at IS NULL
                """,
                accountID,
                personID
            ) ?? 0
        guard others > 0 else {
            throw Failure.conflict("An account needs an owner: make somebody else owner first", code: "last_owner")
        }
    }
}
