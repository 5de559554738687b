import Testing

@testable import Portal

@Suite("The setting OIDC_PROVIDERS")
struct IDProviderTests {
    private func read(_ text: String) -> (providers: [IDProvider], mistakes: [String]) {
        var mistakes: [String] = []
        let providers = IDProvider.list(text, mistakes: &mistakes)
        return (providers, mistakes)
    }

    @Test("is read as the example has it")
    func example() throws {
        let lines = try SettingsFileTests.example().split(separator: "\n").drop { !$0.contains("[{\"id\": \"google\"") }
        let end = try #require(lines.firstIndex { $0.contains("}]") })
        let text = lines[...end].map { $0.dropFirst() }.joined(separator: "\n")
        let (providers, mistakes) = read(text)
        #expect(mistakes == [])
        #expect(providers.map(\.id) == ["google", "keycloak", "github", "firebase"])
        #expect(providers.map(\.kind) == [.openID, .openID, .gitHub, .bearerOnly])
        #expect(providers[1].name == "Example Inc." && providers[3].name == "firebase")
        #expect(providers[2].issuer == "https://github.com" && providers[2].apiBase == "https://api.github.com")
        #expect(providers[3].keysURL?.hasPrefix("https://www.googleapis.com/") == true)
        #expect(providers[0].algorithms == [.rs256, .es256])
    }

    @Test("is refused with a sentence for every mistake")
    func mistakes() {
        let (providers, mistakes) = read(
            """
            [{"id": "a", "issuer": "https://a.example", "client_id": "c"},
             {"id": "a", "issuer": "https://a.example", "client_id": "c"},
             {"id": "Upper", "issuer": "https://a.example", "client_id": "c"},
             {"id": "b", "client_id": "c"},
             {"id": "c", "issuer": "http://a.example", "client_id": "c"},
             {"id": "d", "issuer": "https://a.example"},
             {"id": "e", "issuer": "https://a.example", "client_id": "c", "clientsecret": "x"},
             {"id": "f", "issuer": "https://a.example", "client_id": "c", "kind": "saml"},
             {"id": "g", "issuer": "https://a.example", "client_id": "c", "algorithms": ["HS256"]},
             {"id": "h", "kind": "oauth2-github", "client_id": "c"},
             {"issuer": "https://a.example", "client_id": "c"}, 5]
            """
        )
        #expect(providers.map(\.id) == ["a"])
        #expect(
            mistakes.map { $0.replacing("OIDC_PROVIDERS, ", with: "") } == [
                "a: stands there twice",
                "Upper: id must be at most 32 lower-case letters, digits or -",
                "b: issuer is missing",
                "c: issuer must be an https address",
                "d: client_id is missing",
                "e: there is no member clientsecret",
                "f: kind must be one of oidc, oauth2-github, bearer-only",
                "g: algorithms must be RS256 or ES256",
                "h: client_secret is missing",
                "number 11: id is missing",
                "number 12: must be an object",
            ]
        )
    }

    @Test("must be a JSON array", arguments: ["{}", "google", "[", "[{}]]"])
    func form(text: String) {
        #expect(read(text).mistakes == ["OIDC_PROVIDERS must be a JSON array of at most 32 objects"])
        #expect(throws: SettingsFault.self) {
            try Settings(SettingValues(environment: ["OIDC_PROVIDERS": text], credentials: [:], file: [:]))
        }
    }

    @Test(
        "trusts https, and plain http on this machine alone",
        arguments: [
            ("https://a.example", true), ("https://a.example/realms/x?y=z", true), ("http://localhost:8080/x", true),
            ("http://127.0.0.1:1", true), ("http://a.example", false), ("http://localhost.evil.example", false),
            ("http://127.0.0.1.evil.example", false), ("http://localhost@evil.example", false), ("https://", false),
            ("ftp://localhost", false), ("https://a.example/#x", false), ("https://a b.example", false), ("", false),
        ]
    )
    func trust(url: String, isTrusted: Bool) {
        #expect(IDProvider.isTrustworthy(url: url) == isTrusted)
    }
}
