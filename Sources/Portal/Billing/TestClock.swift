import Storage
import Web

/// The own time of an account that operators made for trying out: it is put forward by hand, and whatever of the
/// account's billing falls due on the way happens at its moment.
enum TestClock {
    /// Something of an account's billing that falls due by itself.
    enum Duty: CaseIterable {
        case closing, dunning, expiry

        /// The earliest moment of it, past or to come; nil: none is known.
        func next(_ accountID: Int64, _ db: borrowing Database) throws -> Timestamp? {
            switch self {
            case .closing: try Accounts.nextClose(of: accountID, db)
            case .dunning: try DunningRows.next(of: accountID, db)
            case .expiry: try CreditGrants.open(of: accountID, db).compactMap(\.expiresAt).min()
            }
        }

        func run(_ accountID: Int64, at now: Timestamp, _ db: borrowing Database) throws {
            switch self {
            case .closing: _ = try Closing.close(accountID, at: now, db)
            // It asks the provider, so it has a transaction of its own.
            case .dunning: return
            case .expiry: try CreditGrants.expireDue(of: accountID, at: now, db)
            }
        }
    }

    /// Moments that one call passes at most; some decades of weeks.
    private static let mostSteps = 10_000

    /// - Throws: ``Failure`` 400 unless exactly one of the two is given, and for what lies in the past.
    static func target(_ moment: Timestamp?, _ seconds: Int64?, after now: Timestamp) throws -> Timestamp {
        guard (moment == nil) != (seconds == nil), let target = moment ?? seconds.map({ now.adding(seconds: $0) })
        else {
            throw Failure.badRequest("Give either a time or a number of seconds")
        }
        guard target >= now else { throw Failure.badRequest("A clock goes forward only; it is \(now.text)") }
        guard Day.range.contains(target.day) else { throw Failure.badRequest("The year must be 2200 at most") }
        return target
    }

    /// Each moment is a transaction of its own: what was reached stays if a later one fails.
    /// - Returns: how many moments it passed.
    static func advance(_ accountID: Int64, to target: Timestamp, in app: App) async throws -> Int {
        for step in 0..<mostSteps {
            let isThere = try await app.store.write { db in try pass(accountID, upTo: target, db) }
            try await Dunning.run(accountID, app)
            if isThere { return step }
        }
        throw Failure.badRequest("That is too far at once")
    }

    /// Goes to the next moment at which something is due, and does it.
    /// - Returns: whether the clock is where it was to go, for nothing is due on the way.
    private static func pass(_ accountID: Int64, upTo target: Timestamp, _ db: borrowing Database) throws -> Bool {
        var first: (moment: Timestamp, duty: Duty)?
        for duty in Duty.allCases {
            guard let moment = try duty.next(accountID, db), moment < first?.moment ?? target.adding(seconds: 1) else {
                continue
            }
            first = (moment, duty)
        }
        guard let first, first.moment <= target else {
            try Accounts.setTestClock(target, of: accountID, db)
            return true
        }
        try Accounts.setTestClock(first.moment, of: accountID, db)
        try first.duty.run(accountID, at: first.moment, db)
        return false
    }
}

/// `POST /api/v1/admin/test-clocks/{account_id}`: puts a test account's clock forward.
struct AdvanceTestClock: Endpoint {
    struct Input: Codable, Sendable {
        let accountID: Int64
        let now: Timestamp?
        let advanceSeconds: Whole<1, 2_000_000_000>?

        enum CodingKeys: String, CodingKey {
            case now
            case accountID = "account_id"
            case advanceSeconds = "advance_seconds"
        }
    }

    struct Answer: JSONOutput {
        let accountID: Int64
        let now: Timestamp
        /// Moments on the way at which something was due.
        let steps: Int

        enum CodingKeys: String, CodingKey {
            case now, steps
            case accountID = "account_id"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let id = input.accountID
        let clock = try app.store.read { db in
            guard try Accounts.find(id, db) != nil else { throw Failure.notFound("Account not found") }
            return try Accounts.testClock(of: id, db)
        }
        guard let clock else {
            throw Failure.conflict("Only an account that was made with a test clock has one", code: "no_test_clock")
        }
        let target = try TestClock.target(input.now, input.advanceSeconds?.value, after: clock)
        let steps = try await TestClock.advance(id, to: target, in: app)
        let now = app.now()
        try await app.store.write { db in
            try Audit.record(
                .clockAdvanced,
                by: caller,
                account: id,
                target: "account:\(id)",
                detail: [.init("to", .string(target.text))],
                at: now,
                db
            )
        }
        return Answer(accountID: id, now: target, steps: steps)
    }
}
