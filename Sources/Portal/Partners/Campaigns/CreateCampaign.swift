import Crypto
import Storage
import Web

/// `POST /api/partner/campaigns`: a new campaign of an app.
struct CreateCampaign: Endpoint {
    struct Input: Codable, Sendable {
        let appId: Text<0, 64>?
        let fields: CampaignFields

        enum CodingKeys: String, CodingKey { case appId }

        init(from decoder: any Decoder) throws {
            appId = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Text<0, 64>.self, forKey: .appId)
            fields = try CampaignFields(from: decoder)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(appId, forKey: .appId)
            try fields.encode(to: encoder)
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<CampaignView> {
        let accountID = try caller.requireHolder().accountID
        guard let appID = input.appId?.value, !appID.isEmpty else { throw Campaign.appless }
        let publicID = "cmp_\(try Random.base62(24))"
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let owner = try Apps.require(appID, of: accountID, db)
            let currency = try Accounts.currency(of: accountID, db)
            let terms = try input.fields.changed(Campaign.Terms(name: ""), in: currency)
            guard try Campaigns.count(ofApp: owner.id, db) < Campaigns.most else {
                let sentence = "An app has at most \(Campaigns.most) campaigns"
                throw Failure.conflict(sentence, code: "too_many_campaigns")
            }
            _ = try Campaigns.insert(terms, publicID: publicID, accountID: accountID, appID: owner.id, at: now, db)
            let made = try Campaigns.require(publicID, of: accountID, db)
            try made.record(.campaignCreated, by: caller, at: now, db)
            return Created(try made.view(of: owner, at: now, db))
        }
    }
}

extension Campaign {
    func record(_ action: Audit.Action, by caller: Caller, at now: Timestamp, _ db: borrowing Database) throws {
        let detail = [
            JSONValue.Member("name", .string(terms.name)), .init("status", .string(terms.status.rawValue)),
        ]
        let target = "campaign:\(publicID)"
        try Audit.record(action, by: caller, account: accountID, target: target, detail: detail, at: now, db)
    }
}
