import Storage
import Web

/// `GET /api/v1/keys/{key_id}`.
struct ShowKey: Endpoint {
    struct Input: Codable, Sendable {
        let keyID: KeyID

        enum CodingKeys: String, CodingKey {
            case keyID = "key_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> KeyView {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try app.store.read { db in
            let record = try APIKeys.require(input.keyID, of: accountID, db)
            return KeyView(record, monthlyUsage: try app.monthlyCalls(of: record, at: now, db), at: now)
        }
    }
}

extension APIKeys {
    /// - Throws: ``Failure`` 404, for another's key as for one that does not exist.
    static func require(_ id: KeyID, of accountID: Int64, _ db: borrowing Database) throws -> KeyRecord {
        guard let record = try record(id.value, of: accountID, db) else { throw Failure.notFound("Key not found") }
        return record
    }
}
