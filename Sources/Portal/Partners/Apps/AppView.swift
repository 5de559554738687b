import Storage
import Web

/// An app as `/api/partner/apps` answers it.
struct AppView: JSONOutput {
    let id: String
    let name: String
    let description: String
    let website: String
    let status: CustomerApp.Status
    /// The app's key where it was just made, the only time that it is shown; else its hint. Null without a key.
    let apiKey: Nullable<String>
    /// Calls a month: the app's own limit, else the plan's; null without either.
    let monthlyLimit: Nullable<Int64>
    /// Null: the app has none.
    let ownMonthlyLimit: Nullable<Int64>
    /// Calls of this month: what the limit is enforced on.
    let currentUsage: Int64
    let totalReferrals: Int64
    let totalClicks: Int64
    let totalConversions: Int64
    /// What differs from the product's own rules.
    let fraudRules: AppFraudRules
    let createdAt: PreciseTime
    let updatedAt: PreciseTime

    /// - Parameter key: one that was just made.
    init(
        _ customerApp: CustomerApp,
        key: APIKey? = nil,
        in app: App,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        let (appID, accountID) = (customerApp.id, customerApp.accountID)
        (id, name, description) = (customerApp.publicID, customerApp.name, customerApp.terms.description)
        (website, status) = (customerApp.website, customerApp.status)
        apiKey = Nullable(try key?.text ?? APIKeys.own(ofApp: appID, of: accountID, db)?.hint)
        let planLimit = try CallLimits.find(accountID: accountID, appID: nil, in: now.month, db).plan
        monthlyLimit = Nullable(customerApp.monthlyLimit ?? planLimit)
        ownMonthlyLimit = Nullable(customerApp.monthlyLimit)
        currentUsage = try app.calls.used(.app(appID), ofAccount: accountID, in: now.month, at: now, db)
        let counts = try CampaignReport.totals(try Campaigns.ids(ofApp: appID, db), db)
        (totalReferrals, totalClicks, totalConversions) = (counts.referrals, counts.clicks, counts.conversions)
        fraudRules = AppFraudRules(value: customerApp.fraudRules)
        (createdAt, updatedAt) = (PreciseTime(customerApp.createdAt), PreciseTime(customerApp.updatedAt))
    }
}
