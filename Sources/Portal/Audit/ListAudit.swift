import Web

/// `GET /api/v1/audit`: who did what in the account, newest first, for its owners and administrators.
struct ListAudit: Endpoint {
    static func handle(_ input: AuditQuery, by caller: Caller, in app: App) async throws -> AuditPage {
        try AuditPage.find(input, account: try caller.requireHolder().accountID, in: app)
    }
}

/// `GET /api/v1/admin/audit`: everybody's entries and the site's own, for operators.
struct ListAllAudit: Endpoint {
    static func handle(_ input: AuditQuery, by caller: Caller, in app: App) async throws -> AuditPage {
        try AuditPage.find(input, account: nil, in: app)
    }
}
