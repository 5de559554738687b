import Crypto
import Storage
import Web

/// Who did what, from where, when. Every statement on `audit_entry` is in this file.
///
/// An entry is written in the transaction of what it tells of, so there is none without the other. Each entry's hash
/// covers the entry before it: nothing can be changed or taken out unnoticed.
enum Audit {
    struct Entry: Sendable {
        var id: Int64 = 0
        let accountID: Int64?
        let actor: String
        let actorName: String
        let action: String
        let target: String
        /// JSON.
        let detail: String
        let address: String
        let requestID: String
        let happenedAt: Timestamp
    }

    /// - Parameters:
    ///   - account: whose affair it is; nil: the site's own.
    ///   - target: what was acted on, as `key:12` or `person:3`.
    ///   - detail: what else matters; never a secret.
    static func record(
        _ action: Action,
        by caller: Caller,
        account: Int64?,
        target: String,
        detail: [JSONValue.Member] = [],
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try append(
            Entry(
                accountID: account,
                actor: caller.actor,
                actorName: caller.holder?.profile.email ?? "",
                action: action.rawValue,
                target: target,
                detail: try text(of: detail),
                address: caller.address,
                requestID: caller.requestID,
                happenedAt: now
            ),
            db
        )
    }

    /// What nobody asked for at this moment: a provider told of it, or its time had come.
    /// - Parameter actor: `system`, or the provider's name.
    static func record(
        _ action: Action,
        byItself actor: String,
        account: Int64?,
        target: String,
        detail: [JSONValue.Member] = [],
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try append(
            Entry(
                accountID: account,
                actor: actor,
                actorName: "",
                action: action.rawValue,
                target: target,
                detail: try text(of: detail),
                address: "",
                requestID: "",
                happenedAt: now
            ),
            db
        )
    }

    private static func text(of detail: [JSONValue.Member]) throws -> String {
        String(decoding: try JSONEncoding.bytes(of: JSONValue.object(detail)), as: UTF8.self)
    }

    private static func append(_ entry: Entry, _ db: borrowing Database) throws {
        let previous: [UInt8] = try db.value("SELECT hash FROM audit_head WHERE one = 1") ?? genesis
        let hash = hash(of: entry, after: previous)
        try db.run(
            """
            INSERT INTO audit_entry (account_id, actor, actor_name, action, target, detail, address, request_id,
                happened_at, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            entry.accountID,
            entry.actor,
            entry.actorName,
            entry.action,
            entry.target,
            entry.detail,
            entry.address,
            entry.requestID,
            entry.happenedAt.milliseconds,
            hash
        )
        let id = db.lastInsertID
        try db.run(
            """
            INSERT INTO audit_head (one, entry_id, hash) VALUES (1, ?, ?)
            ON CONFLICT (one) DO UPDATE SET entry_id = excluded.entry_id, hash = excluded.hash
            """,
            id,
            hash
        )
    }

    static let genesis = [UInt8](repeating: 0, count: 32)

    /// SHA-256 over the hash before and every field with its length, so that no two entries read the same.
    static func hash(of entry: Entry, after previous: [UInt8]) -> [UInt8] {
        let fields = [
            entry.accountID.map { "\($0)" } ?? "", entry.actor, entry.actorName, entry.action, entry.target,
            entry.detail, entry.address, entry.requestID, "\(entry.happenedAt.milliseconds)",
        ]
        let text = fields.map { "\($0.utf8.count):\($0)" }.joined()
        return SHA256.digest(previous + Array(text.utf8))
    }
}

extension Audit {
    /// Which entries a page shows; those with a lower id than `before`, newest first.
    struct Filter: Sendable {
        /// Nil: everybody's, for operators.
        var account: Int64?
        var before = Int64.max
        var action = ""
        /// As entries name them, or a mail address.
        var actor = ""
        var from = Timestamp(milliseconds: 0)
        var to = Timestamp(milliseconds: .max)
    }

    static func list(_ filter: Filter, limit: Int64, _ db: borrowing Database) throws -> [Entry] {
        guard let account = filter.account else { return try listAll(filter, limit: limit, db) }
        guard filter.action.isEmpty else { return try list(filter, of: account, limit: limit, db) }
        return try db.all(
            """
            SELECT id, account_id, actor, actor_name, action, target, detail, address, request_id, happened_at
            FROM audit_entry WHERE account_id = ? AND id < ? AND happened_at >= ? AND happened_at < ?
                AND (? = '' OR actor = ? OR actor_name = ?) ORDER BY id DESC LIMIT ?
            """,
            account,
            filter.before,
            filter.from.milliseconds,
            filter.to.milliseconds,
            filter.actor,
            filter.actor,
            filter.actor,
            limit,
            as: entry
        )
    }

    /// One action's, found by an index of their own.
    private static func list(
        _ filter: Filter,
        of account: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Entry] {
        try db.all(
            """
            SELECT id, account_id, actor, actor_name, action, target, detail, address, request_id, happened_at
            FROM audit_entry WHERE account_id = ? AND action = ? AND id < ? AND happened_at >= ? AND happened_at < ?
                AND (? = '' OR actor = ? OR actor_name = ?) ORDER BY id DESC LIMIT ?
            """,
            account,
            filter.action,
            filter.before,
            filter.from.milliseconds,
            filter.to.milliseconds,
            filter.actor,
            filter.actor,
            filter.actor,
            limit,
            as: entry
        )
    }

    private static func listAll(_ filter: Filter, limit: Int64, _ db: borrowing Database) throws -> [Entry] {
        try db.all(
            """
            SELECT id, account_id, actor, actor_name, action, target, detail, address, request_id, happened_at
            FROM audit_entry WHERE id < ? AND happened_at >= ? AND happened_at < ? AND (? = '' OR action = ?)
                AND (? = '' OR actor = ? OR actor_name = ?) ORDER BY id DESC LIMIT ?
            """,
            filter.before,
            filter.from.milliseconds,
            filter.to.milliseconds,
            filter.action,
            filter.action,
            filter.actor,
            filter.actor,
            filter.actor,
            limit,
            as: entry
        )
    }

    private static func entry(_ row: borrowing Row) -> Entry {
        Entry(
            id: row[0],
            accountID: row[1],
            actor: row[2],
            actorName: row[3],
            action: row[4],
            target: row[5],
            detail: row[6],
            address: row[7],
            requestID: row[8],
            happenedAt: Timestamp(milliseconds: row[9])
        )
    }

    static func count(
        _ action: Action,
        account: Int64,
        since moment: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        try db.value(
            "SELECT count(*) FROM audit_entry WHERE account_id = ? AND action = ? AND happened_at >= ?",
            account,
            action.rawValue,
            moment.milliseconds
        ) ?? 0
    }

    /// Every entry with its hash, oldest first.
    static func each(_ db: borrowing Database, do body: (Entry, _ hash: [UInt8]) -> Void) throws {
        try db.each(
            """
            SELECT id, account_id, actor, actor_name, action, target, detail, address, request_id, happened_at, hash
            FROM audit_entry ORDER BY id
            """
        ) { row in
            body(entry(row), row.blob(10))
            return true
        }
    }

    /// The entry that was written last, as it was noted down beside the entries.
    static func head(_ db: borrowing Database) throws -> (id: Int64, hash: [UInt8])? {
        try db.first("SELECT entry_id, hash FROM audit_head WHERE one = 1") { row in (row[0], row.blob(1)) }
    }
}

extension Caller {
    /// As audit entries name who acted.
    var actor: String {
        switch kind {
        case .key(_, let grant): "key:\(grant.id)"
        case .session(let holder, _), .idToken(let holder): "person:\(holder.userID)"
        case .shell: "shell"
        case .anonymous, .development: "anonymous"
        }
    }
}
