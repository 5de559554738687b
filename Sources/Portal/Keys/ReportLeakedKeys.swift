import Web

/// `POST /api/v1/secret-scanning/github`: keys that GitHub found in public, as its secret scanning tells partners
/// (docs.github.com: Secret scanning partner program). The answer says which of them were keys of ours.
struct ReportLeakedKeys: Endpoint {
    static let mostTokens = 1000

    struct Label: Codable, Sendable {
        let tokenRaw: String
        let tokenType: String
        /// `true_positive` or `false_positive`.
        let label: String

        enum CodingKeys: String, CodingKey {
            case label
            case tokenRaw = "token_raw"
            case tokenType = "token_type"
        }
    }

    struct Answer: Output {
        static var status: Int { 200 }
        static var contentType: String { "application/json" }
        static var schema: Schema { .array(.probing(Label.self), max: mostTokens) }

        let labels: [Label]

        func response() throws -> Response {
            Response(body: .bytes(try JSONEncoding.bytes(of: labels)))
        }
    }

    private struct Token: Sendable {
        let text: String
        let type: String
        /// Nil for what can be no key.
        let leak: LeakedKeys.Leak?
    }

    static func handle(_ input: SignedBody, by caller: Caller, in app: App) async throws -> Answer {
        let tokens = try read(input.bytes, app)
        let leaked = LeakedKeys(finder: "github", publicURL: app.settings.publicURL)
        let now = app.now()
        let known = try await app.store.write { db in
            try tokens.map { token in
                guard let leak = token.leak else { return false }
                return try leaked.revoke(leak, by: caller, at: now, db) != .unknown
            }
        }
        app.outbox.wake()
        return Answer(
            labels: zip(tokens, known).map { token, isKnown in
                Label(
                    tokenRaw: token.text,
                    tokenType: token.type,
                    label: isKnown ? "true_positive" : "false_positive"
                )
            }
        )
    }

    private static func read(_ body: [UInt8], _ app: App) throws -> [Token] {
        let parsed: JSONValue
        do {
            parsed = try JSONParser.parse(body)
        } catch let fault as JSONFault {
            throw Failure.badRequest(fault.message, code: "invalid_json")
        }
        guard case .array(let items) = parsed, items.count <= mostTokens else {
            throw Failure.badRequest("The body must be a list of at most \(mostTokens) tokens")
        }
        return try items.map { item in
            guard let text = item["token"]?.string else {
                throw Failure.badRequest("Each item must have a token")
            }
            let place = [item["source"]?.string, item["url"]?.string].compactMap { $0 }.joined(separator: " ")
            let isKey = APIKey.isPlausible(text) && !app.settings.keyPrefixes.isMistyped(text)
            return Token(
                text: text,
                type: item["type"]?.string ?? "",
                leak: isKey ? .init(digest: app.keyDigests.digest(of: text), place: LeakedKeys.place(place)) : nil
            )
        }
    }
}

/// `purser key leaked`: the same for keys that a person found.
struct RevokeLeakedKeys: Endpoint {
    struct Input: Codable, Sendable {
        let keys: [Text<1, 256>]
        let source: Text<0, 500>?
    }

    struct Answer: JSONOutput {
        /// Hints of the keys.
        let revoked: [String]
        let revokedBefore: [String]
        let unknown: Int

        enum CodingKeys: String, CodingKey {
            case revoked, unknown
            case revokedBefore = "revoked_before"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let leaked = LeakedKeys(finder: "shell", publicURL: app.settings.publicURL)
        let place = LeakedKeys.place(input.source?.value)
        let leaks = input.keys.map {
            LeakedKeys.Leak(digest: app.keyDigests.digest(of: $0.value), place: place)
        }
        let now = app.now()
        let outcomes = try await app.store.write { db in
            try leaks.map { try leaked.revoke($0, by: caller, at: now, db) }
        }
        app.outbox.wake()
        return Answer(
            revoked: outcomes.compactMap { if case .revoked(let hint) = $0 { hint } else { nil } },
            revokedBefore: outcomes.compactMap { if case .revokedBefore(let hint) = $0 { hint } else { nil } },
            unknown: outcomes.count { $0 == .unknown }
        )
    }
}
