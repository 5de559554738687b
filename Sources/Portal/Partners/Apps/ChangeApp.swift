import Web

/// `PATCH /api/partner/apps/{id}`: changes what is given. `null` takes a limit, or all that differs in the fraud
/// rules, away.
struct ChangeApp: Endpoint {
    struct Input: Codable, Sendable {
        let id: PublicID
        let name: PartnerName?
        let description: Change<AppDescription>
        let website: Change<SiteURL>
        let monthlyLimit: Change<AppMonthlyLimit>
        let fraudRules: Change<AppFraudRules>

        func changed(_ terms: CustomerApp.Terms) throws -> CustomerApp.Terms {
            var terms = terms
            if let name {
                guard !name.value.isEmpty else { throw CustomerApp.nameless }
                terms.name = name.value
            }
            description.change(&terms.description) { $0?.value ?? "" }
            website.change(&terms.website) { $0?.value ?? "" }
            monthlyLimit.change(&terms.monthlyLimit) { $0?.value }
            fraudRules.change(&terms.fraudRules) { $0?.value }
            return terms
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> AppView {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let old = try Apps.require(input.id.value, of: accountID, db)
            try Apps.update(old.id, try input.changed(old.terms), at: now, db)
            let changed = try Apps.require(input.id.value, of: accountID, db)
            try changed.record(.appChanged, by: caller, at: now, db)
            return try AppView(changed, in: app, at: now, db)
        }
    }
}

extension Change {
    /// Puts what was sent in the place of `current`; `value` says what it is there, and what `null` means.
    func change<Kept>(_ current: inout Kept, _ value: (Value?) -> Kept) {
        switch self {
        case .none: break
        case .clear: current = value(nil)
        case .set(let sent): current = value(sent)
        }
    }
}
