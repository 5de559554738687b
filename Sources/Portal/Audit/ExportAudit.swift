import Web

/// `GET /api/v1/audit.csv`: the account's audit log, newest first, as long as it is. Filters as ``ListAudit``'s.
struct ExportAudit: Endpoint {
    /// Entries that are read at once: a few milliseconds' worth.
    private static let pageSize: Int64 = 500

    static func handle(_ input: AuditQuery, by caller: Caller, in app: App) async throws -> CSVFile {
        let account = try caller.requireHolder().accountID
        let first = input.filter(account: account)
        let store = app.store
        return CSVFile("audit-\(app.now().day.text).csv") { write in
            try write(
                CSV.line(["id", "at", "action", "actor", "actor_name", "target", "detail", "address", "request_id"])
            )
            var filter = first
            while true {
                let page = filter
                let entries = try await OwnThread.run(named: "purser-export") {
                    try store.read { db in try Audit.list(page, limit: pageSize, db) }
                }
                var bytes: [UInt8] = []
                for entry in entries {
                    bytes += CSV.line([
                        "\(entry.id)", entry.happenedAt.text, entry.action, entry.actor, entry.actorName, entry.target,
                        entry.detail, entry.address, entry.requestID,
                    ])
                }
                if !bytes.isEmpty { try write(bytes) }
                guard entries.count == pageSize, let last = entries.last else { return }
                filter.before = last.id
            }
        }
    }
}
