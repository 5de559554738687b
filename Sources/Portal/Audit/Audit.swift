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
        let entry = Entry(
            accountID: account,
            actor: caller.actor,
            actorName: caller.holder?.profile.email ?? "",
            action: action.rawValue,
            target: target,
            detail: String(decoding: try JSONEncoding.bytes(of: JSONValue.object(detail)), as: UTF8.self),
            address: caller.address,
            requestID: caller.requestID,
            happenedAt: now
        )
        let previous: [UInt8] = try db.value("SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1") ?? genesis
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
            hash(of: entry, after: previous)
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
