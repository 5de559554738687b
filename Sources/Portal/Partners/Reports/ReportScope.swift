import Storage
import Web

/// Whose figures a report shows: all of an account's, or those of one of its apps.
struct ReportScope: Sendable {
    let accountID: Int64
    /// The one that was asked for.
    let app: CustomerApp?
    /// All that the account has.
    let apps: [CustomerApp]

    private init(accountID: Int64, app: CustomerApp, apps: [CustomerApp]) {
        (self.accountID, self.app, self.apps) = (accountID, app, apps)
    }

    /// - Parameter publicID: nil or empty: the account as a whole.
    /// - Throws: ``Failure`` 404.
    init(account id: Int64, app publicID: String?, _ db: borrowing Database) throws {
        accountID = id
        apps = try Apps.list(of: id, db)
        guard let publicID, !publicID.isEmpty else {
            app = nil
            return
        }
        guard let found = apps.first(where: { $0.publicID.utf8.elementsEqual(publicID.utf8) }) else {
            throw Failure.notFound("App not found")
        }
        app = found
    }

    /// The app that was asked for, or all.
    var shown: [CustomerApp] { app.map { [$0] } ?? apps }

    /// The same account, and this one of its apps.
    func narrowed(to app: CustomerApp) -> ReportScope { ReportScope(accountID: accountID, app: app, apps: apps) }

    func campaigns(_ db: borrowing Database) throws -> [Campaign] {
        guard let app else { return try Campaigns.list(ofAccount: accountID, db) }
        return try Campaigns.list(ofApp: app.id, db)
    }

    /// - Throws: ``Failure`` 404 for one of another account, or of another app than was asked for.
    func campaign(_ publicID: String, _ db: borrowing Database) throws -> Campaign {
        guard let campaign = try Campaigns.find(publicID, db), shown.contains(where: { $0.id == campaign.appID }) else {
            throw Failure.notFound("Campaign not found")
        }
        return campaign
    }
}

/// The app that a query asks about.
typealias AppParameter = Text<0, 64>

/// An app as other records name it.
struct AppLabel: Codable, Sendable {
    let id: String
    let name: String

    init(id: String, name: String) {
        (self.id, self.name) = (id, name)
    }

    /// One that is there no more: without an id.
    init(deleted id: Int64, _ db: borrowing Database) throws {
        self.init(id: "", name: try Apps.name(of: id, db) ?? "")
    }

    init(_ app: CustomerApp) {
        self.init(id: app.publicID, name: app.name)
    }
}
