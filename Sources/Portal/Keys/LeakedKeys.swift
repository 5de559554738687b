import Crypto
import Storage
import Web

/// Keys that were found where others can read them: revoked at once, and their owners are told.
struct LeakedKeys: Sendable {
    struct Leak: Sendable {
        let digest: [UInt8]
        /// Where it was found, in the finder's words.
        let place: String
    }

    enum Outcome: Sendable, Equatable {
        case unknown
        case revoked(hint: String)
        case revokedBefore(hint: String)
    }

    /// `github`, or `shell`.
    let finder: String
    let publicURL: String

    func revoke(_ leak: Leak, by caller: Caller, at now: Timestamp, _ db: borrowing Database) throws -> Outcome {
        guard let found = try APIKeys.find(digest: leak.digest, at: now, db),
            let record = try APIKeys.record(found.grant.id, of: found.holder.accountID, db)
        else { return .unknown }
        guard try APIKeys.revoke(record.id, at: now, db) else { return .revokedBefore(hint: record.hint) }
        try KeyNews(record).tell(
            .keyLeaked,
            by: caller,
            detail: [.init("finder", .string(finder)), .init("place", .string(leak.place))],
            at: now,
            db
        )
        let told = KeyLeakPayload(
            keyID: "\(record.id)",
            keyHint: record.hint,
            label: record.settings.label,
            finder: finder,
            place: leak.place
        )
        try Webhooks.publish(.keyLeaked, account: record.accountID, data: told, at: now, db)
        let ticket = Tickets.Request(
            accountID: record.accountID,
            personID: found.holder.userID,
            priority: .critical,
            subject: "The API key \(record.hint) leaked",
            message: sentences(record, leak).joined(separator: "\n\n")
        )
        _ = try Tickets.insert(ticket, at: now, db)
        let letter = letter(record, leak)
        for email in try Accounts.emails(of: record.accountID, whoMay: .possess, db) {
            try Mails.queue(letter, to: email, account: record.accountID, at: now, db)
        }
        return .revoked(hint: record.hint)
    }

    private func sentences(_ record: KeyRecord, _ leak: Leak) -> [String] {
        [
            "The API key \(record.hint) (\(record.settings.label)) was found in public and has been revoked.",
            leak.place.isEmpty ? nil : "It was found here: \(leak.place)",
            "Make a new key for the programs that used it, and look for calls that were not yours.",
        ].compactMap { $0 }
    }

    private func letter(_ record: KeyRecord, _ leak: Leak) -> Letter {
        Letter(
            subject: "Your API key \(record.hint) was found in public and is revoked",
            sentences(record, leak).map { .text($0) } + [.link("Make a new key", url: "\(publicURL)/dashboard.html")]
        )
    }

    /// What others say about a place, made fit for a ticket and a mail: one line of at most 500 characters.
    static func place(_ text: String?) -> String {
        let scalars = (text ?? "").unicodeScalars.prefix(500).map { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
