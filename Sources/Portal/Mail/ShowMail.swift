import Web

/// `GET /api/v1/admin/mails/{id}`: for site operators, a mail in the folder that takes the place of a mail server.
/// Mails on their way to a true server are nobody's to read.
struct ShowMail: Endpoint {
    struct Input: Decodable, Sendable {
        let id: Text<1, 100>
    }

    struct Answer: JSONOutput {
        let id: String
        let to: String
        let subject: String
        let createdAt: Timestamp
        let text: String
        let html: String

        enum CodingKeys: String, CodingKey {
            case id, to, subject, text, html
            case createdAt = "created_at"
        }
    }

    /// - Throws: ``Failure`` 404.
    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        guard let mail = try await app.mailFolder?.find(input.id.value) else {
            throw Failure.notFound("There is no such mail")
        }
        return Answer(
            id: input.id.value,
            to: mail.to,
            subject: mail.subject,
            createdAt: Timestamp(milliseconds: mail.createdAt),
            text: mail.text,
            html: mail.html
        )
    }
}
