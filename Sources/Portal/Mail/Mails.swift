import Crypto
import Storage
import Web

/// Mails on their way out: written in the transaction of their cause, sent by the outbox.
enum Mails {
    /// - Parameter account: whose affair it is; nil for a person's or the site's own.
    static func queue(
        _ letter: Letter,
        to email: String,
        account: Int64?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let parts = letter.parts.map { part -> JSONValue in
            switch part {
            case .text(let text): .object([.init("text", .string(text))])
            case .link(let label, let url): .object([.init("link", .string(label)), .init("url", .string(url))])
            case .code(let code): .object([.init("code", .string(code))])
            }
        }
        let payload = JSONValue.object([
            .init("to", .string(email)), .init("subject", .string(letter.subject)), .init("parts", .array(parts)),
        ])
        // Also the mail's Message-ID: a mail that is sent twice, since the answer was lost, shows as one.
        let key = Hex.encode(try Random.bytes(16))
        try OutboxRows.insert(.mail, accountID: account ?? 0, payload, key: key, at: now, db)
    }
}
