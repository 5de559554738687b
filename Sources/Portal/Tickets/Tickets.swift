import Storage
import Web

/// Support tickets. Every statement on `ticket` is in this file.
enum Tickets {
    enum Priority: String, Codable, Sendable, CaseIterable, Documented {
        case low, medium, high, critical

        static var sample: Priority { .medium }

        /// Hours until the first answer is promised.
        var answerHours: Int64 {
            switch self {
            case .low: 48
            case .medium: 24
            case .high: 12
            case .critical: 4
            }
        }
    }

    struct Request: Sendable {
        let accountID: Int64
        let personID: Int64
        let priority: Priority
        let subject: String
        let message: String
    }

    /// `TKT-<user>-<unix seconds>`, numbered from the second one in the same second on.
    static func insert(_ request: Request, at now: Timestamp, _ db: borrowing Database) throws -> String {
        let stem = "TKT-\(request.personID)-\(now.seconds)"
        let same: Int64 =
            try db.value(
                """
                SELECT count(*) FROM ticket
                WHERE account_id = ? AND created_at >= ? AND created_at < ? AND person_id = ?
                """,
                request.accountID,
                now.seconds * 1000,
                now.seconds * 1000 + 1000,
                request.personID
            ) ?? 0
        let id = same == 0 ? stem : "\(stem)-\(same + 1)"
        try db.run(
            """
            INSERT INTO ticket (public_id, account_id, person_id, priority, subject, message, created_at, answer_due_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            id,
            request.accountID,
            request.personID,
            request.priority.rawValue,
            request.subject,
            request.message,
            now.milliseconds,
            now.adding(seconds: request.priority.answerHours * 3600).milliseconds
        )
        let told = TicketPayload(
            ticketID: id,
            priority: request.priority,
            subject: request.subject,
            answerDueAt: now.adding(seconds: request.priority.answerHours * 3600)
        )
        try Webhooks.publish(.ticketCreated, account: request.accountID, data: told, at: now, db)
        return id
    }
}
