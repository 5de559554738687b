import Storage
import Synchronization
import Web

/// The log of the latest calls of apps' keys, refused ones too. Every statement on `app_request` is in this file.
///
/// Collected in memory and written every second, since it bills nothing: a crash may cost the last second of it. How
/// many calls there were is in ``RequestCounts``.
final class AppRequests: Sendable {
    /// A call that was answered.
    struct Call: Sendable {
        let accountID: Int64
        let appID: Int64
        /// As `POST /api/v1/referrals`.
        let endpoint: String
        let status: Int
        let address: String
        let userAgent: String
        var campaignID: Int64?
        let requestedAt: Timestamp
    }

    private struct Waiting {
        var calls: [Call] = []
        /// By request, until it is answered.
        var campaigns: [String: Int64] = [:]
        /// Of each account, since its log was last cut to what is kept. Who is missing may have any number too many.
        var written: [Int64: Int] = [:]
    }

    static let keptDays = 90
    /// Of an account.
    static let most = 20_000
    /// Calls that wait to be written; more in a second are not noted.
    static let mostWaiting = 10_000
    private static let rowsPerWrite = 1000
    /// Written of an account before its log is cut again.
    private static let slack = 1000

    private let waiting = Mutex(Waiting())

    func add(_ call: Call, requestID: String) {
        waiting.withLock { waiting in
            let campaignID = waiting.campaigns.removeValue(forKey: requestID)
            guard waiting.calls.count < Self.mostWaiting else { return }
            var call = call
            call.campaignID = campaignID ?? call.campaignID
            waiting.calls.append(call)
        }
    }

    /// Tells, while a request is handled, which campaign it is about.
    func note(requestID: String, campaignID: Int64) {
        waiting.withLock { waiting in
            // Each is taken out when its request is answered; what is never asked for must not pile up.
            if waiting.campaigns.count >= Self.mostWaiting { waiting.campaigns = [:] }
            waiting.campaigns[requestID] = campaignID
        }
    }

    /// Writes what has come since the last time; keeps what the store cannot take now.
    func flush(to store: Store) async throws {
        let taken = waiting.withLock { waiting in
            defer { waiting.calls = [] }
            return waiting.calls
        }
        var rest = taken[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.rowsPerWrite)
            let full = noteWritten(part)
            do {
                try await store.write { db in
                    for call in part { try Self.insert(call, db) }
                    for account in full { try Self.cut(account, db) }
                }
            } catch {
                let kept = rest
                waiting.withLock { waiting in
                    waiting.calls.insert(contentsOf: kept, at: 0)
                    for account in full { waiting.written[account] = nil }
                }
                throw error
            }
            rest = rest.dropFirst(part.count)
        }
    }

    /// - Returns: the accounts whose log may have become too long with these.
    private func noteWritten(_ calls: some Sequence<Call>) -> [Int64] {
        waiting.withLock { waiting in
            var full: Set<Int64> = []
            for call in calls {
                let written = (waiting.written[call.accountID] ?? Self.slack) + 1
                waiting.written[call.accountID] = written > Self.slack ? 0 : written
                if written > Self.slack { full.insert(call.accountID) }
            }
            // Who is forgotten is looked at once too often.
            if waiting.written.count > Self.mostWaiting { waiting.written = [:] }
            return full.sorted()
        }
    }

    private static func insert(_ call: Call, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO app_request
                (account_id, app_id, endpoint, status, address, user_agent, campaign_id, requested_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            call.accountID,
            call.appID,
            call.endpoint,
            Int64(call.status),
            call.address,
            call.userAgent,
            call.campaignID,
            call.requestedAt.milliseconds
        )
    }

    /// Removes what is older than the latest ``most`` of an account.
    private static func cut(_ accountID: Int64, _ db: borrowing Database) throws {
        let oldest: Int64? = try db.value(
            "SELECT id FROM app_request WHERE account_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
            accountID,
            Int64(most)
        )
        guard let oldest else { return }
        try db.run("DELETE FROM app_request WHERE account_id = ? AND id <= ?", accountID, oldest)
    }

    /// Removes a part of what is older than ``keptDays``.
    /// - Returns: whether there may be more.
    static func deleteOld(at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        // Ids grow with time, but for what waited while the store was in trouble, which is gone a turn later.
        let old = try db.all("SELECT id, requested_at FROM app_request ORDER BY id LIMIT ?", Int64(rowsPerWrite)) {
            row in
            (id: row[0] as Int64, at: Timestamp(milliseconds: row[1]))
        }
        .prefix { $0.at < now.adding(days: -keptDays) }
        guard let last = old.last else { return false }
        try db.run("DELETE FROM app_request WHERE id <= ?", last.id)
        return old.count == rowsPerWrite
    }
}

// MARK: As members see it

extension AppRequests {
    struct Row: Sendable {
        let id: Int64
        let appID: Int64
        let endpoint: String
        let status: Int64
        let address: String
        let userAgent: String
        let campaignID: Int64?
        let requestedAt: Timestamp

        fileprivate init(_ row: borrowing Storage.Row) {
            (id, appID, endpoint, status) = (row[0], row[1], row[2], row[3])
            (address, userAgent, campaignID) = (row[4], row[5], row.optionalInt(6))
            requestedAt = Timestamp(milliseconds: row[7])
        }
    }

    /// Which calls a page shows.
    struct Filter: Sendable {
        var statuses: ClosedRange<Int64> = 100...599
        /// A part of the endpoint's name; empty: any.
        var endpoint = ""
        var from = Timestamp(milliseconds: 0)
        /// Not included.
        var to = Timestamp(milliseconds: .max)
        /// A part of the endpoint's name, the address or the user agent; empty: any.
        var search = ""

        /// For LIKE, with what has a meaning there escaped.
        fileprivate static func pattern(_ text: String) -> String {
            var pattern = "%"
            for character in text.lowercased() {
                if character == "%" || character == "_" || character == "\\" { pattern += "\\" }
                pattern.append(character)
            }
            return pattern + "%"
        }
    }

    /// The newest first.
    /// - Parameter app: nil: of all the account's apps.
    static func latest(
        account accountID: Int64,
        app appID: Int64?,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> [Row] {
        if let appID {
            return try db.all(
                """
                SELECT id, app_id, endpoint, status, address, user_agent, campaign_id, requested_at FROM app_request
                WHERE app_id = ? AND account_id = ? ORDER BY id DESC LIMIT ?
                """,
                appID,
                accountID,
                limit
            ) { row in Row(row) }
        }
        return try db.all(
            """
            SELECT id, app_id, endpoint, status, address, user_agent, campaign_id, requested_at FROM app_request
            WHERE account_id = ? ORDER BY id DESC LIMIT ?
            """,
            accountID,
            limit
        ) { row in Row(row) }
    }

    /// - Parameter page: from 1.
    /// - Returns: a page, the newest first, and how many calls the filter lets through: of a log this short they can be
    ///   counted.
    static func page(
        account accountID: Int64,
        app appID: Int64?,
        _ filter: Filter,
        page: Int64,
        limit: Int64,
        _ db: borrowing Database
    ) throws -> (calls: [Row], total: Int64) {
        let (endpoint, search) = (Filter.pattern(filter.endpoint), Filter.pattern(filter.search))
        let total: Int64? = try db.value(
            """
            SELECT count(*) FROM app_request
            WHERE account_id = ? AND (? = 0 OR app_id = ?) AND status BETWEEN ? AND ?
                AND requested_at >= ? AND requested_at < ? AND lower(endpoint) LIKE ? ESCAPE '\\'
                AND (lower(endpoint) LIKE ? ESCAPE '\\' OR lower(address) LIKE ? ESCAPE '\\'
                    OR lower(user_agent) LIKE ? ESCAPE '\\')
            """,
            accountID,
            appID ?? 0,
            appID ?? 0,
            filter.statuses.lowerBound,
            filter.statuses.upperBound,
            filter.from.milliseconds,
            filter.to.milliseconds,
            endpoint,
            search,
            search,
            search
        )
        let skipped = max(0, page - 1).multipliedReportingOverflow(by: limit)
        guard !skipped.overflow, let total, skipped.partialValue < total else { return ([], total ?? 0) }
        let calls = try db.all(
            """
            SELECT id, app_id, endpoint, status, address, user_agent, campaign_id, requested_at FROM app_request
            WHERE account_id = ? AND (? = 0 OR app_id = ?) AND status BETWEEN ? AND ?
                AND requested_at >= ? AND requested_at < ? AND lower(endpoint) LIKE ? ESCAPE '\\'
                AND (lower(endpoint) LIKE ? ESCAPE '\\' OR lower(address) LIKE ? ESCAPE '\\'
                    OR lower(user_agent) LIKE ? ESCAPE '\\')
            ORDER BY id DESC LIMIT ? OFFSET ?
            """,
            accountID,
            appID ?? 0,
            appID ?? 0,
            filter.statuses.lowerBound,
            filter.statuses.upperBound,
            filter.from.milliseconds,
            filter.to.milliseconds,
            endpoint,
            search,
            search,
            search,
            limit,
            skipped.partialValue
        ) { row in Row(row) }
        return (calls, total)
    }
}
