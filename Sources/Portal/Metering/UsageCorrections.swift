import Storage
import Web

/// Uses that were put right. Every statement on `usage_correction` is in this file, but for those that add up events.
///
/// The event itself stays as it was recorded. A correction says how many units more or fewer it counts, and who said
/// so, so that its history can be read.
enum UsageCorrections {
    enum Kind: String, Codable, Sendable, CaseIterable, Documented {
        /// It should not have been recorded: it counts nothing.
        case void
        /// It should have said another quantity.
        case amend

        static var sample: Kind { .void }
    }

    struct Correction: Sendable {
        let id: Int64
        let kind: Kind
        /// Negative: fewer.
        let quantity: Int64
        let cost: Dollars
        let reason: String
        let madeBy: String
        let madeAt: Timestamp
        /// Whether the charge for use moved with it; else a note moved the invoice.
        let isCharged: Bool
        /// Of the invoice that the event stood on already, and of the note that puts that right.
        let invoiceID: Int64?
        let noteID: Int64?
    }

    /// Oldest first.
    static func list(of eventID: Int64, _ db: borrowing Database) throws -> [Correction] {
        try db.all(
            """
            SELECT id, kind, quantity, cost_micros, reason, made_by, made_at, is_charged, invoice_id, note_id
            FROM usage_correction WHERE event_id = ? ORDER BY id
            """,
            eventID
        ) { row in
            Correction(
                id: row[0],
                kind: try row.raw(1),
                quantity: row[2],
                cost: Dollars(micros: row[3]),
                reason: row[4],
                madeBy: row[5],
                madeAt: Timestamp(milliseconds: row[6]),
                isCharged: row[7],
                invoiceID: row[8],
                noteID: row[9]
            )
        }
    }

    static func insert(
        _ correction: Correction,
        of eventID: Int64,
        account accountID: Int64,
        _ db: borrowing Database
    ) throws {
        try db.run(
            """
            INSERT INTO usage_correction (account_id, event_id, kind, quantity, cost_micros, reason, made_by, made_at,
                is_charged, invoice_id, note_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            accountID,
            eventID,
            correction.kind.rawValue,
            correction.quantity,
            correction.cost.micros,
            correction.reason,
            correction.madeBy,
            correction.madeAt.milliseconds,
            correction.isCharged,
            correction.invoiceID,
            correction.noteID
        )
    }

    struct Difference: Sendable {
        let quantity: Int64
        let micros: Int64
    }

    /// What was put right of an account's events up to one, by event.
    /// - Parameter invoiceID: by notes on this invoice; nil: while they stood on no invoice.
    static func differences(
        of accountID: Int64,
        upTo eventID: Int64,
        notedOn invoiceID: Int64?,
        _ db: borrowing Database
    ) throws -> [Int64: Difference] {
        let all = try db.all(
            """
            SELECT event_id, sum(quantity), sum(cost_micros) FROM usage_correction
            WHERE account_id = ? AND event_id <= ? AND coalesce(invoice_id, 0) = ? GROUP BY event_id
            """,
            accountID,
            eventID,
            invoiceID ?? 0
        ) { row in (row[0] as Int64, Difference(quantity: row[1], micros: row[2])) }
        return Dictionary(uniqueKeysWithValues: all)
    }

    /// What an account's uses up to one came to at a moment, in millionths of a dollar, as they were charged.
    static func charged(
        to accountID: Int64,
        upTo eventID: Int64,
        until moment: Timestamp,
        _ db: borrowing Database
    ) throws -> Int64 {
        var sum: Int64 = 0
        try UsageEvents.each(0...eventID, of: accountID, db) { event in
            sum = try sum.plus(event.quantity.times(event.unitMicros))
        }
        let corrected: Int64? = try db.value(
            """
            SELECT sum(cost_micros) FROM usage_correction
            WHERE account_id = ? AND event_id <= ? AND is_charged = 1 AND made_at <= ?
            """,
            accountID,
            eventID,
            moment.milliseconds
        )
        return try sum.plus(corrected ?? 0)
    }
}
