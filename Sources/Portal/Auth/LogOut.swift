import Web

/// `POST /auth/logout`: ends the session on the server and takes its cookie back.
struct LogOut: Endpoint {
    struct Answer: Output {
        static var status: Int { 200 }
        static var contentType: String { "application/json" }
        static var schema: Schema { .object([.init("success", Bool.schema, isRequired: true)]) }

        let isSecure: Bool

        func response() throws -> Response {
            Response(
                headers: [SessionCookie.header(token: "", isSecure: isSecure, maxAge: 0)],
                body: .bytes(Array(#"{"success":true}"#.utf8))
            )
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        if case .session(_, let id) = caller.kind {
            try await app.store.write { db in try Sessions.delete(id, db) }
        }
        return Answer(isSecure: caller.isSecure)
    }
}
