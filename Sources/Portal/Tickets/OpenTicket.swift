import Web

/// `POST /support/ticket`: a question or a complaint, with the hours in which the first answer is promised.
struct OpenTicket: Mocked {
    struct Input: Codable, Sendable {
        let priority: Tickets.Priority
        let subject: Text<1, 200>
        let message: Text<1, 10_000>
    }

    struct Answer: JSONOutput {
        let ticketID: String
        let status: String
        let message: String

        enum CodingKeys: String, CodingKey {
            case status, message
            case ticketID = "ticket_id"
        }

        init(_ id: String, _ priority: Tickets.Priority) {
            ticketID = id
            status = "created"
            message = "Support ticket created successfully. We'll get back to you within \(priority.answerHours) hours."
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let request = Tickets.Request(
            accountID: holder.accountID,
            personID: holder.userID,
            priority: input.priority,
            subject: input.subject.value,
            message: input.message.value
        )
        let now = app.now()
        return try await app.commit(by: caller) { db in
            Answer(try Tickets.insert(request, at: now, db), request.priority)
        }
    }

    static func mock(_ input: Input, by caller: Caller, at now: Timestamp) -> Answer {
        Answer("TKT-999-\(now.seconds)", input.priority)
    }
}
