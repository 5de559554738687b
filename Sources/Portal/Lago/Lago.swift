import Outbound
import Synchronization

/// Passes every use on to Lago, in batches and in order, and remembers for a while what Lago says of accounts.
final class Lago: Sendable {
    /// How long what Lago said is good for, and how long it is left alone when it did not answer; microseconds.
    private static let freshFor: Int64 = 60_000_000
    private static let aloneFor: Int64 = 5_000_000
    private static let mostRemembered = 4096

    private struct Remembered {
        let month: Month
        let units: [String: Int64]?
        let until: Int64
    }

    private let client: LagoClient
    private let remembered = Mutex<[Int64: Remembered]>([:])

    init(_ client: LagoClient) {
        self.client = client
    }

    // MARK: Passing on

    /// Runs until cancelled.
    func run(_ app: App) async {
        var failures: Int64 = 0
        while !Task.isCancelled {
            do {
                while try await step(app), !Task.isCancelled {}
                failures = 0
            } catch {
                failures += 1
                app.log.warning("uses wait to be passed on to Lago", metadata: ["error": "\(error)"])
            }
            let pause = failures == 0 ? 1 : Outbox.backoffSeconds(after: failures, atMost: 60)
            try? await Task.sleep(for: .seconds(pause))
        }
    }

    /// Passes one batch on.
    /// - Returns: whether there may be more.
    func step(_ app: App) async throws -> Bool {
        guard let standing = try app.store.read({ db in try Forwarding.find(Forwarding.lago, db) }) else {
            let now = app.now()
            try await app.store.write { db in try Forwarding.begin(Forwarding.lago, at: now, db) }
            return true
        }
        let events = try app.store.read { db in
            try Forwarding.events(after: standing.eventID, atMost: LagoClient.batchSize, db)
        }
        guard let last = events.last else { return false }
        let refused = try await send(events)
        for words in refused { app.log.warning("Lago refuses a use for good", metadata: ["error": "\(words)"]) }
        let now = app.now()
        try await app.store.write { db in
            try Forwarding.advance(Forwarding.lago, to: last.id, refused: refused, at: now, db)
        }
        return events.count == LagoClient.batchSize
    }

    /// Lago takes a batch whole or not at all: what it has already, since an answer was lost, and what it will never
    /// take is left out, and the rest is sent again.
    /// - Returns: a sentence about each event that it will never take.
    private func send(_ events: [LagoEvent]) async throws -> [String] {
        var waiting = events
        var refused: [String] = []
        while !waiting.isEmpty {
            let faults = try await client.send(waiting)
            if faults.isEmpty { break }
            for (position, words) in faults.sorted(by: { $0.key < $1.key }) {
                // Lago's code for a transaction_id that it knows.
                guard !words.contains("value_already_exist") else { continue }
                refused.append("\(waiting[position].transactionID): \(words)")
            }
            waiting = waiting.indices.filter { faults[$0] == nil }.map { waiting[$0] }
        }
        return refused
    }

    // MARK: What Lago says

    /// What Lago counts of an account this month, by meter; nil when it does not answer.
    func monthlyUsage(of accountID: Int64, in month: Month, _ app: App) async -> [String: Int64]? {
        let uptime = app.uptime()
        if let known = remembered.withLock({ $0[accountID] }), known.month == month, known.until > uptime {
            return known.units
        }
        var units: [String: Int64]?
        do {
            let usage = try await client.currentUsage(of: accountID)
            // A period that began before the month holds more than the month.
            let isOfMonth = usage.since.map { $0 >= Timestamp(day: month.firstDay) } ?? true
            units = isOfMonth ? usage.units : [:]
        } catch {
            app.log.info("Lago does not say what was used", metadata: ["error": "\(error)"])
        }
        let until = uptime + (units == nil ? Self.aloneFor : Self.freshFor)
        let entry = Remembered(month: month, units: units, until: until)
        remembered.withLock { remembered in
            if remembered.count >= Self.mostRemembered { remembered = [:] }
            remembered[accountID] = entry
        }
        return units
    }
}
