import Web

/// One place where people may sign in: a row of the setting `OIDC_PROVIDERS`.
struct IDProvider: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        /// OpenID Connect with discovery: Google, Keycloak, and nearly everyone else.
        case openID = "oidc"
        /// GitHub, which has OAuth 2.0 and its own questions instead.
        case gitHub = "oauth2-github"
        /// Issues ID tokens that callers bring along, as Firebase; nobody is sent there.
        case bearerOnly = "bearer-only"
    }

    enum Algorithm: String, Sendable, CaseIterable {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    /// In paths: `/auth/oidc/<id>/callback`.
    let id: String
    /// On the button.
    let name: String
    let kind: Kind
    /// With ``subject`` the identity of a person. GitHub signs nothing; there it is the site's address.
    let issuer: String
    let clientID: String
    /// Nil for public clients, which have PKCE alone.
    let clientSecret: String?
    /// Where the issuer's keys are, if discovery shall not say.
    let keysURL: String?
    let algorithms: [Algorithm]
    /// GitHub's API.
    let apiBase: String
}

extension IDProvider {
    static let gitHubSite = "https://github.com"
    private static let names: Set = [
        "id", "name", "kind", "issuer", "client_id", "client_secret", "jwks_uri", "algorithms", "api_base",
    ]
    private static let countLimit = 32

    /// Reads the setting: a JSON array of objects, described in `purser.conf.example`.
    /// - Parameter mistakes: gets a sentence for each thing that is wrong.
    static func list(_ text: String, mistakes: inout [String]) -> [IDProvider] {
        guard !text.isEmpty else { return [] }
        guard let value = try? JSONParser.parse(Array(text.utf8)), case .array(let items) = value,
            items.count <= countLimit
        else {
            mistakes.append("OIDC_PROVIDERS must be a JSON array of at most \(countLimit) objects")
            return []
        }
        var providers: [IDProvider] = []
        for (index, item) in items.enumerated() {
            let label = item["id"]?.string ?? "number \(index + 1)"
            do {
                let provider = try IDProvider(item)
                guard !providers.contains(where: { $0.id == provider.id }) else { throw Mistake("stands there twice") }
                providers.append(provider)
            } catch let mistake as Mistake {
                mistakes.append("OIDC_PROVIDERS, \(label): \(mistake.text)")
            } catch {
                mistakes.append("OIDC_PROVIDERS, \(label): \(error)")
            }
        }
        return providers
    }

    private struct Mistake: Error {
        let text: String

        init(_ text: String) {
            self.text = text
        }
    }

    private init(_ item: JSONValue) throws {
        guard case .object(let members) = item else { throw Mistake("must be an object") }
        for member in members where !Self.names.contains(member.name) {
            throw Mistake("there is no member \(member.name)")
        }
        id = try Self.require(item, "id")
        guard id.utf8.count <= 32, id.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 })
        else { throw Mistake("id must be at most 32 lower-case letters, digits or -") }
        name = try Self.optional(item, "name") ?? id
        let kind = try Self.optional(item, "kind") ?? Kind.openID.rawValue
        guard let kind = Kind(rawValue: kind) else {
            throw Mistake("kind must be one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.kind = kind
        if kind == .gitHub {
            issuer = try Self.url(item, "issuer") ?? Self.gitHubSite
        } else {
            guard let given = try Self.url(item, "issuer") else { throw Mistake("issuer is missing") }
            issuer = given
        }
        clientID = try Self.require(item, "client_id")
        clientSecret = try Self.optional(item, "client_secret")
        guard kind != .gitHub || clientSecret != nil else { throw Mistake("client_secret is missing") }
        keysURL = try Self.url(item, "jwks_uri")
        algorithms = try Self.algorithms(item)
        apiBase = try Self.url(item, "api_base") ?? "https://api.github.com"
    }

    private static func optional(_ item: JSONValue, _ name: String) throws -> String? {
        guard let value = item[name] else { return nil }
        guard let text = value.string, !text.isEmpty, text.utf8.count <= 1024 else {
            throw Mistake("\(name) must be a text")
        }
        return text
    }

    private static func require(_ item: JSONValue, _ name: String) throws -> String {
        guard let text = try optional(item, name) else { throw Mistake("\(name) is missing") }
        return text
    }

    private static func url(_ item: JSONValue, _ name: String) throws -> String? {
        guard let text = try optional(item, name) else { return nil }
        guard isTrustworthy(url: text) else { throw Mistake("\(name) must be an https address") }
        return text
    }

    private static func algorithms(_ item: JSONValue) throws -> [Algorithm] {
        guard let value = item["algorithms"] else { return Algorithm.allCases }
        guard case .array(let names) = value, !names.isEmpty else { throw Mistake("algorithms must be an array") }
        return try names.map { name in
            guard let algorithm = name.string.flatMap(Algorithm.init) else {
                throw Mistake("algorithms must be RS256 or ES256")
            }
            return algorithm
        }
    }

    /// HTTPS, or plain HTTP on this machine: whoever can alter an issuer's answers can sign in as anybody.
    static func isTrustworthy(url: String) -> Bool {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !url.contains("#") else { return false }
        let rest = url.drop { $0 != "/" }
        let authority = rest.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
        guard rest.hasPrefix("//"), !authority.isEmpty, !authority.contains("@"), !authority.contains("\\") else {
            return false
        }
        switch url.prefix(url.count - rest.count) {
        case "https:": return true
        case "http:": return ["localhost", "127.0.0.1"].contains(authority.prefix { $0 != ":" })
        default: return false
        }
    }
}
