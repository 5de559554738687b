import Web

/// `GET /auth/user`: who the key belongs to. `api_key` is the key the caller presented; no other is known.
struct ShowUser: Mocked {
    struct Answer: JSONOutput {
        let id: Int64
        let name: String
        let email: String
        /// Absent when asked by a session.
        let apiKey: String?
        let stripeCustomerID: Nullable<String>
        let createdAt: Timestamp
        let emailVerified: Bool

        enum CodingKeys: String, CodingKey {
            case id, name, email
            case emailVerified = "email_verified"
            case apiKey = "api_key"
            case stripeCustomerID = "stripe_customer_id"
            case createdAt = "created_at"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let holder = try caller.requireHolder()
        return Answer(
            id: holder.userID,
            name: holder.profile.name,
            email: holder.profile.email,
            apiKey: caller.presentedKey,
            stripeCustomerID: Nullable(holder.profile.stripeCustomerID),
            createdAt: holder.profile.createdAt,
            emailVerified: holder.profile.isVerified
        )
    }

    static func mock(_ input: Empty, by caller: Caller, at now: Timestamp) -> Answer {
        Answer(
            id: 999,
            name: "BioQL Developer",
            email: "dev@bioql.local",
            apiKey: caller.presentedKey,
            stripeCustomerID: Nullable("cus_dev_test"),
            createdAt: Timestamp(day: Day(year: 2025, month: 1, day: 1)),
            emailVerified: true
        )
    }
}

extension ShowUser.Answer: JSONEncoding.Literal {
    func writeJSON(into out: inout [UInt8]) {
        var members = JSONMembers()
        members.add("id", id, into: &out)
        members.add("name", name, into: &out)
        members.add("email", email, into: &out)
        if let apiKey { members.add("api_key", apiKey, into: &out) }
        members.add("stripe_customer_id", stripeCustomerID, into: &out)
        members.add("created_at", createdAt, into: &out)
        members.add("email_verified", emailVerified, into: &out)
        members.end(into: &out)
    }
}
