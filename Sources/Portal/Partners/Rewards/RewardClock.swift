import Storage

/// What time makes of rewards: those held back for long enough are due, those that nobody took in time are gone.
enum RewardClock {
    private static let slice: Int64 = 200

    static func run(_ app: App) async throws {
        let now = app.now()
        while try app.store.read({ db in try Rewards.hasDue(at: now, db) }) {
            try await app.store.write { db in try turn(at: now, db) }
        }
    }

    /// Some of them, in one transaction.
    static func turn(at now: Timestamp, _ db: borrowing Database) throws {
        let change = RewardChange(now: now)
        for reward in try Rewards.expired(at: now, limit: slice, db) {
            _ = try change.cancel(reward, because: .expired, db)
        }
        let mature = try Rewards.mature(at: now, limit: slice, db)
        for reward in mature {
            _ = try change.approve(reward, db)
        }
        for (accountID, rewards) in Dictionary(grouping: mature, by: \.accountID).sorted(by: { $0.key < $1.key }) {
            try PartnerEvents.due(rewards.count, of: accountID, at: now, db)
        }
    }
}
