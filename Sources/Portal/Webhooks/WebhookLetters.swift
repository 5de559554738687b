import Storage

/// Mails to an account's owners and admins about an endpoint that fails.
enum WebhookLetters {
    enum Kind {
        case warning(_ error: String)
        case disabled(WebhookEndpoints.Reason)
    }

    static func queue(
        _ kind: Kind,
        about endpoint: WebhookEndpoints.Endpoint,
        _ publicURL: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let letter = letter(kind, endpoint, publicURL)
        for email in try Accounts.emails(of: endpoint.accountID, whoMay: .manage, db) {
            try Mails.queue(letter, to: email, account: endpoint.accountID, at: now, db)
        }
    }

    private static func letter(_ kind: Kind, _ endpoint: WebhookEndpoints.Endpoint, _ publicURL: String) -> Letter {
        let page = Letter.Part.link("Open the dashboard", url: "\(publicURL)/dashboard.html")
        let since = endpoint.failingSince.map { " since \($0.text)" } ?? ""
        switch kind {
        case .warning(let error):
            return Letter(
                subject: "Your webhook endpoint has been failing for days",
                [
                    .text("Every delivery to \(endpoint.url) has failed\(since). The last error: \(error)."),
                    .text("If this goes on it will be disabled, and you will get another mail then."),
                    page,
                ]
            )
        case .disabled(.gone):
            return Letter(
                subject: "Your webhook endpoint was disabled",
                [.text("\(endpoint.url) answered 410 Gone, so nothing is sent there any more."), page]
            )
        case .disabled:
            return Letter(
                subject: "Your webhook endpoint was disabled",
                [
                    .text("Every delivery to \(endpoint.url) has failed\(since), so nothing is sent there any more."),
                    .text("Once it works again, make it active, and replay what failed."),
                    page,
                ]
            )
        }
    }
}
