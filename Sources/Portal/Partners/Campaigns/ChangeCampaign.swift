import Web

/// `PATCH /api/partner/campaigns/{id}`: changes what is given. What was earned before stays as it is.
struct ChangeCampaign: Endpoint {
    struct Input: Codable, Sendable {
        let id: PublicID
        let fields: CampaignFields

        enum CodingKeys: String, CodingKey { case id }

        init(from decoder: any Decoder) throws {
            id = try decoder.container(keyedBy: CodingKeys.self).decode(PublicID.self, forKey: .id)
            fields = try CampaignFields(from: decoder)
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try fields.encode(to: encoder)
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> CampaignView {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let old = try Campaigns.require(input.id.value, of: accountID, db)
            let currency = try Accounts.currency(of: accountID, db)
            let terms = try input.fields.changed(old.terms, in: currency, shown: old.status(at: now))
            try Campaigns.update(old.id, terms, at: now, db)
            let changed = try Campaigns.require(input.id.value, of: accountID, db)
            try changed.record(.campaignChanged, by: caller, at: now, db)
            return try changed.view(of: try changed.requireApp(db), at: now, db)
        }
    }
}

/// `DELETE /api/partner/campaigns/{id}`: its codes work no more. What was earned stays owed.
struct DeleteCampaign: Endpoint {
    static func handle(_ input: ShowCampaign.Input, by caller: Caller, in app: App) async throws -> Succeeded {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        try await app.store.write { db in
            let old = try Campaigns.require(input.id.value, of: accountID, db)
            try Campaigns.delete(old.id, at: now, db)
            try old.record(.campaignDeleted, by: caller, at: now, db)
        }
        return Succeeded()
    }
}
