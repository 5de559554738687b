import Outbound
import Web

/// Where mail leaves the house: by a mail server or, for trying out, into a folder.
struct Postbox: Sendable {
    enum Way: Sendable {
        case server(MailServer, Lane)
        case folder(MailFolder)
    }

    /// Seconds after which a mail that could not be sent no longer is: what it says is no longer true.
    static let longestWait: Int64 = 3 * 86_400

    let way: Way
    let from: MailAddress
    /// Our address, at the end of each mail.
    let site: String

    /// The outbox's part: sends one mail.
    /// - Parameter write: writes those whose text does not wait in the outbox; nil for the others.
    /// - Throws: ``Undeliverable``, `MailRefusal`, `OutboundError`, what `write` throws.
    func deliver(
        _ item: OutboxRows.Item,
        at now: Timestamp,
        write: (JSONValue) async throws -> (Letter, MailAttachment)?
    ) async throws {
        guard now <= item.createdAt.adding(seconds: Self.longestWait) else { throw Undeliverable.tooOld }
        let written = try await write(item.payload)
        guard let to = item.payload["to"]?.string, let letter = written?.0 ?? Letter(item.payload) else {
            throw Undeliverable.illegible
        }
        let message = MailMessage(
            id: item.idempotencyKey,
            date: item.createdAt.seconds,
            from: from,
            to: try MailAddress(address: to),
            subject: letter.subject,
            text: letter.text(site: site),
            html: letter.html(site: site),
            attachments: written.map { [$0.1] } ?? []
        )
        switch way {
        case .server(let server, let lane):
            // Less than systemd gives us to stop (purser.service), since stopping waits for it.
            let mail = OutboundMail(
                through: server,
                from: from,
                to: message.to,
                message.bytes,
                timeout: .seconds(20),
                connectTimeout: .seconds(10)
            )
            try await lane.send(mail)
        case .folder(let folder):
            try await folder.keep(message, at: item.createdAt)
        }
    }

    /// A mail that no server could help.
    enum Undeliverable: Error {
        case illegible, tooOld
    }
}

extension Settings {
    /// One line that nobody can overlook: sign-up and password resets wait for these mails.
    var mailSummary: String {
        if let mailServer { return "mail goes out by \(mailServer.url)" }
        if let mailFolder { return "mail is WRITTEN TO A FOLDER, not sent: \(mailFolder)" }
        return "NO MAIL goes out (no MAIL_SERVER); it waits"
    }
}
