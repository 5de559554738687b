import Storage
import Web

/// Who hears of a change to a key, in the transaction of the change.
struct KeyNews: Sendable {
    let id: Int64
    let hint: String
    let label: String
    let accountID: Int64

    init(id: Int64, hint: String, label: String, accountID: Int64) {
        (self.id, self.hint, self.label, self.accountID) = (id, hint, label, accountID)
    }

    init(_ record: KeyRecord) {
        self.init(id: record.id, hint: record.hint, label: record.settings.label, accountID: record.accountID)
    }

    func tell(
        _ action: Audit.Action,
        by caller: Caller,
        detail: [JSONValue.Member] = [],
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let names = [JSONValue.Member("hint", .string(hint)), .init("label", .string(label))]
        try Audit.record(
            action,
            by: caller,
            account: accountID,
            target: "key:\(id)",
            detail: names + detail,
            at: now,
            db
        )
        // Whoever replaces a key, or reports a leak, publishes what only they know.
        let told = KeyPayload(keyID: "\(id)", keyHint: hint, label: label)
        switch action {
        case .keyCreated: try Webhooks.publish(.keyCreated, account: accountID, data: told, at: now, db)
        case .keyRevoked: try Webhooks.publish(.keyRevoked, account: accountID, data: told, at: now, db)
        default: break
        }
    }
}
