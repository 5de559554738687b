import Web

/// `GET /api/auth/session`: who is signed in, as Auth.js' clients read it; `null` for nobody.
struct ShowAuthSession: Endpoint {
    struct Person: Codable, Sendable {
        let id: String
        let email: String
        let name: String
        /// In the account.
        let role: PartnerRole
        /// The account.
        let partnerId: String
        /// Whether they run the site, and may use the pages for its operators.
        let isOperator: Bool
        let emailVerified: Bool
    }

    struct Session: Codable, Sendable {
        let user: Person
        let expires: PreciseTime
    }

    struct Answer: Output {
        static var status: Int { 200 }
        static var contentType: String { "application/json" }
        static var schema: Schema { .nullable(.probing(Session.self)) }

        let session: Session?

        func response() throws -> Response {
            Response(body: .bytes(try JSONEncoding.bytes(of: Nullable(session))))
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        guard case .session(let holder, let id) = caller.kind, let role = holder.role,
            let expires = try app.store.read({ db in try Sessions.expiry(of: id, db) })
        else { return Answer(session: nil) }
        let person = Person(
            id: "\(holder.userID)",
            email: holder.profile.email,
            name: holder.profile.name,
            role: PartnerRole(role),
            partnerId: "\(holder.accountID)",
            isOperator: holder.isOperator,
            emailVerified: holder.profile.isVerified
        )
        return Answer(session: Session(user: person, expires: PreciseTime(expires)))
    }
}
