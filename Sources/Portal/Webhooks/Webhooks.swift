import Crypto
import Storage
import Web

/// Tells customers' servers what has happened.
enum Webhooks {
    /// Writes down that something happened, for those endpoints of the account that chose the event: in the
    /// transaction of its cause, so that neither is without the other. With no such endpoint nothing is written.
    /// - Parameter app: the account's app that it happened to; its endpoints hear it beside the account's.
    static func publish<Payload>(
        _ event: WebhookEvent<Payload>,
        account accountID: Int64,
        app: Int64? = nil,
        data: Payload,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let endpoints = try WebhookEndpoints.listening(to: event.name, of: accountID, app: app, db)
        guard !endpoints.isEmpty else { return }
        try send(event, data, to: endpoints, of: accountID, app: app, at: now, db)
    }

    /// - Returns: the message's public id.
    @discardableResult
    static func send<Payload>(
        _ event: WebhookEvent<Payload>,
        _ data: Payload,
        to endpoints: [Int64],
        of accountID: Int64,
        app: Int64? = nil,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> String {
        let body = WebhookBody(
            type: event.name,
            event: event.name,
            version: event.version,
            timestamp: now,
            data: data
        )
        let id = "msg_\(try Random.base62(24))"
        let messageID = try WebhookMessages.insert(
            id,
            event: event.name,
            body: try JSONEncoding.bytes(of: body),
            accountID: accountID,
            appID: app,
            at: now,
            db
        )
        for endpoint in endpoints { try WebhookDeliveries.insert(messageID, to: endpoint, at: now, db) }
        return id
    }

    static let keptDays = 30

    /// Removes a part of what is older than that.
    /// - Returns: whether there is more.
    static func deleteOld(at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        let old = try WebhookMessages.old(before: now.adding(days: -keptDays), db)
        for id in old {
            try WebhookAttempts.delete(message: id, db)
            try WebhookDeliveries.delete(message: id, db)
            try WebhookMessages.delete(id, db)
        }
        try WebhookEndpoints.deleteEmptied(db)
        return !old.isEmpty
    }

    /// Of one endpoint, so that a receiver that is told a great deal, or hangs meanwhile, does not fill the disk.
    static let keptDeliveries: Int64 = 100_000

    /// Removes the oldest deliveries of each endpoint beyond so many, those too that wait.
    static func deleteExcess(beyond kept: Int64 = keptDeliveries, in store: Store) async throws {
        // Counts long lists: not for a worker's thread.
        let excess = try await OwnThread.run(named: "purser-webhooks") {
            try store.read { db in try WebhookDeliveries.excess(beyond: kept, db) }
        }
        for (endpoint, last) in excess {
            while try await store.write({ db in try deleteSome(of: endpoint, upTo: last, db) }) {}
        }
    }

    private static func deleteSome(of endpoint: Int64, upTo last: Int64, _ db: borrowing Database) throws -> Bool {
        let some = try WebhookDeliveries.oldest(of: endpoint, upTo: last, db)
        for (id, message) in some {
            try WebhookAttempts.delete(delivery: id, db)
            try WebhookDeliveries.delete(id, db)
            try WebhookMessages.deleteUntold(message, db)
        }
        return !some.isEmpty
    }
}
