import Crypto
import Storage
import Web

/// Failed sign-ins by mail address and by network, and the delays that grow with them. Every statement on
/// `sign_in_failure` is in this file.
///
/// The first few are free; after each further one the next attempt must wait twice as long, at most a quarter of an
/// hour. An attempt that comes sooner is refused at once, a right one too, whether the address is known or not. Nobody
/// is locked out: the wait is bounded, failures are forgotten one by one, and sessions and reset links go on working
/// (ASVS 5.0, 6.1.1 and 6.3.1).
enum SignInFailures {
    struct Subject: Sendable {
        let text: String
        /// How many failures cost nothing; 0: none is counted.
        let free: Int64
        /// After how long one is forgotten.
        let forgetSeconds: Int64
        /// Whether a success proves the failures harmless: of an address, but not of a network, which a guesser may
        /// share with an account of their own.
        let isClearedBySuccess: Bool
    }

    /// One attempt, from ``begin(_:at:_:)`` until it has failed or succeeded.
    struct Attempt: Sendable {
        fileprivate struct Counted: Sendable {
            let subject: Subject
            let before: Row
            /// Counted as failed beforehand, so that of many at once only one gets through.
            let isReserved: Bool
        }

        fileprivate let counted: [Counted]

        static var none: Attempt { Attempt(counted: []) }
    }

    fileprivate struct Row: Sendable {
        var failures: Int64 = 0
        var lastAt = Timestamp(milliseconds: 0)
    }

    static let secondsAtMost: Int64 = 900

    /// How long an attempt must wait after the last failure.
    static func delaySeconds(after failures: Int64, free: Int64) -> Int64 {
        guard free > 0, failures >= free else { return 0 }
        return min(secondsAtMost, 1 << min(failures - free, 10))
    }

    /// - Parameter email: as it was typed; only its digest is stored.
    static func subjects(email: String, _ caller: Caller, _ settings: Settings) -> [Subject] {
        let digest = Hex.encode(SHA256.digest(Array(email.lowercased().utf8)))
        return [
            Subject(
                text: "address:\(digest)",
                free: settings.signInFailures,
                forgetSeconds: 3600,
                isClearedBySuccess: true
            ),
            Subject(
                text: "network:\(ClientNetwork.of(caller.address))",
                free: settings.signInFailuresOfNetwork,
                forgetSeconds: 180,
                isClearedBySuccess: false
            ),
        ].filter { $0.free > 0 }
    }

    /// - Throws: ``Failure`` 429 with `Retry-After` for who must wait.
    static func begin(_ subjects: [Subject], at now: Timestamp, _ db: borrowing Database) throws -> Attempt {
        var counted: [Attempt.Counted] = []
        var wait: Int64 = 0
        for subject in subjects {
            let row = try find(subject, at: now, db)
            let delay = delaySeconds(after: row.failures, free: subject.free)
            let left = row.lastAt.adding(seconds: delay).milliseconds - now.milliseconds
            wait = max(wait, min(delay, (left + 999) / 1000))
            counted.append(.init(subject: subject, before: row, isReserved: delay > 0))
        }
        guard wait <= 0 else {
            throw Failure(429, "too_many_failures", "Too many failed sign-ins, please wait")
                .adding(Header("Retry-After", "\(wait)"))
        }
        for one in counted where one.isReserved {
            try put(one.subject, failures: one.before.failures + 1, at: now, db)
        }
        return Attempt(counted: counted)
    }

    static func fail(_ attempt: Attempt, at now: Timestamp, _ db: borrowing Database) throws {
        for one in attempt.counted where !one.isReserved {
            let failures = try find(one.subject, at: now, db).failures
            // No more than the longest delay takes: what is counted beyond would only be remembered for longer.
            try put(one.subject, failures: min(failures, one.subject.free + 10) + 1, at: now, db)
        }
    }

    /// - Parameter isWhole: false while the second factor is still to come, so that who knows a password cannot
    ///   guess codes for free.
    static func succeed(_ attempt: Attempt, isWhole: Bool, _ db: borrowing Database) throws {
        for one in attempt.counted {
            if isWhole, one.subject.isClearedBySuccess {
                try db.run("DELETE FROM sign_in_failure WHERE subject = ?", one.subject.text)
            } else if one.isReserved {
                try put(one.subject, failures: one.before.failures, at: one.before.lastAt, db)
            }
        }
    }

    /// After a reset by mail, which shows as well as any sign-in who it is.
    static func clear(email: String, _ caller: Caller, _ settings: Settings, _ db: borrowing Database) throws {
        for subject in subjects(email: email, caller, settings) where subject.isClearedBySuccess {
            try db.run("DELETE FROM sign_in_failure WHERE subject = ?", subject.text)
        }
    }

    static func deleteForgotten(at now: Timestamp, _ db: borrowing Database) throws {
        try db.run("DELETE FROM sign_in_failure WHERE last_at < ?", now.adding(days: -2).milliseconds)
    }

    private static func find(_ subject: Subject, at now: Timestamp, _ db: borrowing Database) throws -> Row {
        let row = try db.first(
            "SELECT failures, last_at FROM sign_in_failure WHERE subject = ?",
            subject.text
        ) { row in Row(failures: row[0], lastAt: Timestamp(milliseconds: row[1])) }
        guard var row else { return Row() }
        let forgotten = max(0, now.seconds - row.lastAt.seconds) / subject.forgetSeconds
        row.failures = max(0, min(row.failures, subject.free + 11) - forgotten)
        return row
    }

    private static func put(
        _ subject: Subject,
        failures: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO sign_in_failure (subject, failures, last_at) VALUES (?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at
            """,
            subject.text,
            failures,
            now.milliseconds
        )
    }
}
