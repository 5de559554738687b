import Crypto
import Storage
import Web

/// Mails on their way out: written in the transaction of their cause, sent by the outbox.
///
/// A mail may hold a link that lets somebody in. It lies in the outbox until a server has taken it, then it is deleted;
/// of one that was given up only the address and the subject stay. A backup of that moment holds it, and whoever has
/// the backup could use the link until it expires: minutes, as tokens are made. Its text is never logged.
enum Mails {
    /// - Parameter account: whose affair it is; nil for a person's or the site's own.
    static func queue(
        _ letter: Letter,
        to email: String,
        account: Int64?,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        try queue(letter.payload, to: email, account: account ?? 0, at: now, db)
    }

    /// A mail about an invoice, which is written when it is sent (``InvoiceMail``).
    static func queue(
        about invoiceID: Int64,
        _ news: String,
        to email: String,
        account: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let payload: [JSONValue.Member] = [.init("invoice", .integer(invoiceID)), .init("news", .string(news))]
        try queue(payload, to: email, account: account, at: now, db)
    }

    private static func queue(
        _ content: [JSONValue.Member],
        to email: String,
        account: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        // Also the mail's Message-ID: a mail that is sent twice, since the answer was lost, shows as one.
        let key = Hex.encode(try Random.bytes(16))
        let payload = JSONValue.object([.init("to", .string(email))] + content)
        try OutboxRows.insert(.mail, accountID: account, payload, key: key, at: now, db)
    }

    /// What stays of a mail that was given up.
    static func withoutText(_ payload: JSONValue) -> JSONValue {
        guard case .object(let members) = payload else { return payload }
        return .object(members.filter { $0.name != "parts" })
    }
}
