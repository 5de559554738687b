import Web

/// `GET /api/v1/admin/mails`: for site operators, the mails that wait, those that were given up, and, where a folder
/// takes the place of a mail server, those in it. At most a hundred of each, the newest first.
struct ListMails: Endpoint {
    static let most = 100

    enum Status: String, Codable, CaseIterable, Documented {
        case sent, waiting, failed

        static var sample: Status { .sent }
    }

    /// How mail leaves.
    enum Delivery: String, Codable, CaseIterable, Documented {
        case server, folder, off

        static var sample: Delivery { .server }
    }

    struct Item: Codable, Sendable {
        /// To read it by; null for mails in the outbox, whose text may let somebody in.
        let id: Nullable<String>
        let to: String
        let subject: String
        let createdAt: Timestamp
        let status: Status
        let error: Nullable<String>

        enum CodingKeys: String, CodingKey {
            case id, to, subject, status, error
            case createdAt = "created_at"
        }
    }

    struct Answer: JSONOutput {
        let delivery: Delivery
        let mails: [Item]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let queued = try app.store.read { db in
            try OutboxRows.waiting(.mail, atMost: most, db) + OutboxRows.givenUp(.mail, atMost: most, db)
        }
        var items = queued.map { row in
            Item(
                id: Nullable(nil),
                to: row.payload["to"]?.string ?? "",
                subject: row.payload["subject"]?.string ?? "",
                createdAt: row.createdAt,
                status: row.isGivenUp ? .failed : .waiting,
                error: Nullable(row.error)
            )
        }
        let folder = app.mailFolder
        for (id, mail) in try await folder?.list(most) ?? [] {
            items.append(
                Item(
                    id: Nullable(id),
                    to: mail.to,
                    subject: mail.subject,
                    createdAt: Timestamp(milliseconds: mail.createdAt),
                    status: .sent,
                    error: Nullable(nil)
                )
            )
        }
        items.sort { $0.createdAt > $1.createdAt }
        let delivery: Delivery = app.postbox == nil ? .off : folder == nil ? .server : .folder
        return Answer(delivery: delivery, mails: items)
    }
}

extension App {
    /// The folder that takes the place of a mail server, if one does.
    var mailFolder: MailFolder? {
        if case .folder(let folder)? = postbox?.way { folder } else { nil }
    }
}
