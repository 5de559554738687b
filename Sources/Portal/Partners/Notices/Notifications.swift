import Crypto
import Storage
import Web

/// What the dashboard tells people of. Every statement on `notification` and `notification_read` is in this file.
enum Notifications {
    enum Kind: String, Codable, Sendable, CaseIterable, Documented {
        case usageAlert = "USAGE_ALERT"
        case fraudFlagged = "FRAUD_FLAGGED"
        case rewardDue = "REWARD_DUE"
        case webhookDisabled = "WEBHOOK_DISABLED"
        case paymentFailed = "PAYMENT_FAILED"
        case invoiceOverdue = "INVOICE_OVERDUE"
        case memberJoined = "MEMBER_JOINED"

        static var sample: Kind { .usageAlert }
    }

    struct Notification: Sendable {
        let id: Int64
        let publicID: String
        let kind: Kind
        let title: String
        let message: String
        let isRead: Bool
        let createdAt: Timestamp
    }

    static let keptDays = 90
    /// Of an account; what is older goes when there are more.
    static let most: Int64 = 500

    /// Tells an account's members, in the transaction of the cause.
    /// - Parameter personID: nil: all of them, and those who join later.
    static func add(
        _ kind: Kind,
        _ title: String,
        _ message: String,
        account accountID: Int64,
        person personID: Int64? = nil,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO notification (public_id, account_id, person_id, kind, title, message, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            "ntf_\(try Random.base62(24))",
            accountID,
            personID,
            kind.rawValue,
            title,
            message,
            now.milliseconds
        )
        let tooOld: Int64? = try db.value(
            "SELECT id FROM notification WHERE account_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
            accountID,
            most
        )
        if let tooOld { try delete(of: accountID, upTo: tooOld, db) }
    }

    /// What a person is told of an account, newest first.
    static func list(
        for personID: Int64,
        in accountID: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Notification] {
        try db.all(
            """
            SELECT n.id, n.public_id, n.kind, n.title, n.message, r.read_at IS NOT NULL, n.created_at
            FROM notification n LEFT JOIN notification_read r ON r.notification_id = n.id AND r.person_id = ?
            WHERE n.account_id = ? AND (n.person_id IS NULL OR n.person_id = ?) ORDER BY n.id DESC LIMIT ?
            """,
            personID,
            accountID,
            personID,
            limit,
            as: notification
        )
    }

    static func find(
        _ publicID: String,
        for personID: Int64,
        in accountID: Int64,
        _ db: borrowing Database
    ) throws -> Notification? {
        try db.first(
            """
            SELECT n.id, n.public_id, n.kind, n.title, n.message, r.read_at IS NOT NULL, n.created_at
            FROM notification n LEFT JOIN notification_read r ON r.notification_id = n.id AND r.person_id = ?
            WHERE n.public_id = ? AND n.account_id = ? AND (n.person_id IS NULL OR n.person_id = ?)
            """,
            personID,
            publicID,
            accountID,
            personID,
            as: notification
        )
    }

    private static func notification(_ row: borrowing Row) throws -> Notification {
        Notification(
            id: row[0],
            publicID: row[1],
            kind: try row.raw(2),
            title: row[3],
            message: row[4],
            isRead: row[5],
            createdAt: Timestamp(milliseconds: row[6])
        )
    }

    static func countUnread(for personID: Int64, in accountID: Int64, _ db: borrowing Database) throws -> Int64 {
        try db.value(
            """
            SELECT count(*) FROM notification n
            WHERE n.account_id = ? AND (n.person_id IS NULL OR n.person_id = ?) AND NOT EXISTS (
                SELECT 1 FROM notification_read r WHERE r.notification_id = n.id AND r.person_id = ?)
            """,
            accountID,
            personID,
            personID
        ) ?? 0
    }

    static func setRead(
        _ isRead: Bool,
        _ id: Int64,
        by personID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard isRead else {
            try db.run("DELETE FROM notification_read WHERE notification_id = ? AND person_id = ?", id, personID)
            return
        }
        try db.run(
            """
            INSERT INTO notification_read (notification_id, person_id, read_at) VALUES (?, ?, ?)
            ON CONFLICT (notification_id, person_id) DO NOTHING
            """,
            id,
            personID,
            now.milliseconds
        )
    }

    /// All that a person is told of an account now.
    static func setAllRead(
        by personID: Int64,
        in accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        for unread in try list(for: personID, in: accountID, limit: most, db) where !unread.isRead {
            try setRead(true, unread.id, by: personID, at: now, db)
        }
    }

    private static func delete(of accountID: Int64, upTo id: Int64, _ db: borrowing Database) throws {
        try db.run(
            """
            DELETE FROM notification_read WHERE notification_id IN
                (SELECT n.id FROM notification n WHERE n.account_id = ? AND n.id <= ?)
            """,
            accountID,
            id
        )
        try db.run("DELETE FROM notification WHERE account_id = ? AND id <= ?", accountID, id)
    }

    /// Removes a part of what is older than ``keptDays``.
    /// - Returns: whether there may be more.
    static func deleteOld(at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        let oldest = try db.all("SELECT id, created_at FROM notification ORDER BY id LIMIT 200") { row in
            (id: row[0] as Int64, createdAt: Timestamp(milliseconds: row[1]))
        }
        let old = oldest.prefix { $0.createdAt < now.adding(days: -keptDays) }
        for (id, _) in old {
            try db.run("DELETE FROM notification_read WHERE notification_id = ?", id)
            try db.run("DELETE FROM notification WHERE id = ?", id)
        }
        return old.count == 200
    }
}
