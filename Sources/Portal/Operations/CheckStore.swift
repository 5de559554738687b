import Web

/// `purser check`: the settings in force, and whether store and ledger are sound.
struct CheckStore: Endpoint {
    struct Answer: JSONOutput {
        let payments: String
        let mail: String
        /// Sentences about what is wrong; none when all is well.
        let findings: [String]
        /// Sentences about what a person has to look at, although the books are sound.
        let warnings: [String]
        let accounts: Int64
        let outboxWaiting: Int64
        let outboxFailed: Int64

        enum CodingKeys: String, CodingKey {
            case payments, mail, findings, warnings, accounts
            case outboxWaiting = "outbox_waiting"
            case outboxFailed = "outbox_failed"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let store = app.store
        return try await OwnThread.run(named: "purser-check") { [settings = app.settings] in
            let storage = try store.check().map(\.message)
            return try store.read(within: 600_000) { db in
                let outbox = try OutboxRows.counts(db)
                return Answer(
                    payments: settings.paymentSummary,
                    mail: settings.mailSummary,
                    findings: storage + (try LedgerCheck.run(db)) + (try AuditCheck.run(db).findings),
                    warnings: try PaymentWarnings.list(db),
                    accounts: try Accounts.count(db),
                    outboxWaiting: outbox.waiting,
                    outboxFailed: outbox.failed
                )
            }
        }
    }
}
