import Testing

@testable import Web

@Suite("The route trie")
struct RouteTrieTests {
    private func trie(_ rows: [(Web.Method, String)]) throws -> RouteTrie<String> {
        var trie = RouteTrie<String>()
        for (method, path) in rows { try trie.insert(method, path, "\(method.rawValue) \(path)") }
        return trie
    }

    /// The leaf found with its parameters, `405` with the methods there are, or `404`.
    private func answer(_ trie: RouteTrie<String>, _ method: String, _ path: String) throws -> String {
        switch trie.match(method, try RequestTarget(path)) {
        case .found(let leaf, let parameters):
            return ([leaf] + parameters.map { "\($0.name)=\($0.value.string ?? "?")" }).joined(separator: " ")
        case .otherMethods(let others):
            return "405 " + others.keys.map(\.rawValue).sorted().joined(separator: ",")
        case .notFound:
            return "404"
        }
    }

    static let rows: [(Web.Method, String)] = [
        (.get, "/"), (.get, "/users"), (.post, "/users"), (.get, "/users/me"), (.get, "/users/{id}"),
        (.delete, "/users/{id}"),
        (.get, "/users/me/keys/active"), (.get, "/users/{id}/keys/{key}"), (.get, "/users/{id}/invoices"),
    ]

    @Test(
        "finds the row, literals before parameters, and comes back from a literal that leads nowhere",
        arguments: [
            ("GET", "/", "GET /"), ("GET", "/users", "GET /users"), ("POST", "/users", "POST /users"),
            ("GET", "/users/me", "GET /users/me"), ("GET", "/users/7", "GET /users/{id} id=7"),
            ("GET", "/users/Me", "GET /users/{id} id=Me"), ("GET", "/users/%7Bid%7D", "GET /users/{id} id={id}"),
            ("GET", "/users/me/keys/active", "GET /users/me/keys/active"),
            ("GET", "/users/me/keys/old", "GET /users/{id}/keys/{key} id=me key=old"),
            ("GET", "/users/me/invoices", "GET /users/{id}/invoices id=me"),
            ("GET", "/users/7/keys/active", "GET /users/{id}/keys/{key} id=7 key=active"),
            ("HEAD", "/users/7", "GET /users/{id} id=7"), ("DELETE", "/users/7", "DELETE /users/{id} id=7"),
            ("PUT", "/users", "405 GET,POST"), ("PATCH", "/users/7", "405 DELETE,GET"),
            ("OPTIONS", "/users/7", "405 DELETE,GET"),
            ("get", "/users", "405 GET,POST"), ("", "/users", "405 GET,POST"), ("BREW", "/", "405 GET"),
            ("GET", "/user", "404"), ("GET", "/users/7/keys", "404"), ("GET", "/users/me/keys", "404"),
            ("GET", "/users/7/keys/1/2", "404"), ("GET", "/USERS", "404"),
        ]
    )
    func finds(method: String, path: String, wanted: String) throws {
        #expect(try answer(trie(Self.rows), method, path) == wanted)
    }

    @Test("finds the same in whatever order the rows came")
    func anyOrder() throws {
        var dice = Dice(for: "trie order")
        for _ in 0..<50 {
            let trie = try trie(Self.rows.shuffled(using: &dice))
            #expect(try answer(trie, "GET", "/users/me/keys/old") == "GET /users/{id}/keys/{key} id=me key=old")
            #expect(try answer(trie, "GET", "/users/me") == "GET /users/me", "seed \(dice.seed)")
        }
    }

    @Test("refuses a row that stands twice")
    func duplicates() {
        #expect(throws: RouteTrie<String>.Conflict.self) { try trie([(.get, "/a"), (.post, "/a"), (.get, "/a")]) }
        #expect(throws: RouteTrie<String>.Conflict.self) { try trie([(.get, "/a/{id}"), (.get, "/a/{id}")]) }
    }

    @Test("refuses a parameter under another name, which would shadow the first")
    func shadows() {
        let error = #expect(throws: RouteTrie<String>.Conflict.self) {
            try trie([(.get, "/a/{id}"), (.get, "/a/{key}/b")])
        }
        #expect(error?.description == "/a/{key}/b is shadowed by /a/{id}")
        #expect(throws: RouteTrie<String>.Conflict.self) { try trie([(.get, "/a/{id}"), (.post, "/a/{key}")]) }
    }

    @Test("refuses a path that no request could have", arguments: ["", "a", "//", "/a/", "/a//b"])
    func badPaths(path: String) {
        #expect(throws: RouteTrie<String>.Conflict.self) { try trie([(.get, path)]) }
    }
}
