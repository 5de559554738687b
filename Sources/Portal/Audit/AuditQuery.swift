import Web

/// What the audit log's pages, its export and the shell ask by.
struct AuditQuery: Codable, Sendable {
    /// The id of the last entry that the asker has: older ones are wanted.
    let after: Int64?
    let limit: Whole<1, 500>?
    /// As `key.created`.
    let action: Text<0, 64>?
    /// As `person:3` or `shell`, or a mail address.
    let actor: Text<0, 254>?
    let from: Timestamp?
    /// Exclusive.
    let to: Timestamp?

    func filter(account: Int64?) -> Audit.Filter {
        var filter = Audit.Filter(account: account)
        if let after { filter.before = after }
        if let action { filter.action = action.value }
        if let actor { filter.actor = actor.value }
        if let from { filter.from = from }
        if let to { filter.to = to }
        return filter
    }
}

/// Entries of the audit log as they are answered.
struct AuditPage: JSONOutput {
    struct Item: Codable, Sendable {
        let id: Int64
        let at: Timestamp
        let action: String
        let actor: String
        /// The actor's mail address at the time.
        let actorName: String
        let target: String
        let detail: AnyJSON
        let address: String
        let requestID: String
        /// Null: the site's own affair.
        let account: Nullable<Int64>

        enum CodingKeys: String, CodingKey {
            case id, at, action, actor, target, detail, address, account
            case actorName = "actor_name"
            case requestID = "request_id"
        }
    }

    let entries: [Item]
    /// What to ask with as `after`; null at the end.
    let next: Nullable<Int64>

    static func find(_ query: AuditQuery, account: Int64?, in app: App) throws -> AuditPage {
        let limit = query.limit?.value ?? 50
        // One more than shown, to know whether there is more.
        var entries = try app.store.read { db in
            try Audit.list(query.filter(account: account), limit: limit + 1, db)
        }
        let hasMore = entries.count > limit
        if hasMore { entries.removeLast() }
        return AuditPage(entries: entries.map { Item($0) }, next: Nullable(hasMore ? entries.last?.id : nil))
    }
}

extension AuditPage.Item {
    init(_ entry: Audit.Entry) {
        self.init(
            id: entry.id,
            at: entry.happenedAt,
            action: entry.action,
            actor: entry.actor,
            actorName: entry.actorName,
            target: entry.target,
            detail: AnyJSON((try? JSONParser.parse(Array(entry.detail.utf8))) ?? .null),
            address: entry.address,
            requestID: entry.requestID,
            account: Nullable(entry.accountID)
        )
    }
}
