import Web

/// `POST /auth/validate`: whose key this is and what is left on it. A bad key is 401.
struct ValidateKey: Endpoint {
    struct Answer: JSONOutput {
        struct User: Codable, Sendable {
            let id: Int64
            let email: String
            let name: String
            let tier: String
            let balance: Dollars
        }

        struct Quota: Codable, Sendable {
            let shotsUsed: Int64

            enum CodingKeys: String, CodingKey {
                case shotsUsed = "shots_used"
            }
        }

        struct Quotas: Codable, Sendable {
            let shotsUsed: Int64
            let shotsLimit: Nullable<Int64>
            let inferencesUsed: Int64
            let inferencesLimit: Nullable<Int64>

            enum CodingKeys: String, CodingKey {
                case shotsUsed = "shots_used"
                case shotsLimit = "shots_limit"
                case inferencesUsed = "inferences_used"
                case inferencesLimit = "inferences_limit"
            }
        }

        let valid: Bool
        let userID: String
        let email: String
        let plan: String
        let tier: String
        let apiKeyID: String
        let user: User
        let quota: Quota
        let quotas: Quotas

        enum CodingKeys: String, CodingKey {
            case valid, email, plan, tier, user, quota, quotas
            case userID = "user_id"
            case apiKeyID = "api_key_id"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        let keyID = caller.keyID ?? 0
        let month = app.now().month
        return try app.store.read { db in
            guard let person = try People.find(holder.userID, db),
                let shots = try Portal.Quota.find(keyID: keyID, .shots, in: month, db),
                let inferences = try Portal.Quota.find(keyID: keyID, .inferences, in: month, db)
            else { throw Failure.unauthorized("Invalid API key", code: "invalid_key") }
            let user = Answer.User(
                id: person.id,
                email: person.email,
                name: person.name,
                tier: shots.plan,
                balance: shots.credit.dollars
            )
            return Answer(
                valid: true,
                userID: "\(person.id)",
                email: person.email,
                plan: shots.plan,
                tier: shots.plan,
                apiKeyID: "\(keyID)",
                user: user,
                quota: Answer.Quota(shotsUsed: shots.used),
                quotas: Answer.Quotas(
                    shotsUsed: shots.used,
                    shotsLimit: Nullable(shots.limit),
                    inferencesUsed: inferences.used,
                    inferencesLimit: Nullable(inferences.limit)
                )
            )
        }
    }
}
