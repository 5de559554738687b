import Testing
import Web

@testable import Portal

@Suite("An idempotency claim")
struct IdempotencyTests {
    static let path = "/api/v1/usage/authorize"

    private func caller(_ account: Int64? = 1, address: String = "192.0.2.1") -> Caller {
        var caller = Caller(address: address, requestID: "r")
        if let account {
            let profile = Caller.Profile(
                name: "Ada",
                email: "ada@example.com",
                stripeCustomerID: nil,
                createdAt: UnitStore.noon,
                isVerified: false
            )
            let holder = Caller.Holder(accountID: account, userID: account, isOperator: false, profile: profile)
            caller.kind = .key(holder, Caller.KeyGrant(id: account))
        }
        return caller
    }

    private func claim(
        _ key: String?,
        body: String = #"{"shots":1}"#,
        path: String = path,
        method: String = "POST",
        by caller: Caller? = nil
    ) throws -> IdempotencyClaim? {
        let request = PlainRequest(method, path, key.map { ["HTTP_IDEMPOTENCY_KEY": $0] } ?? [:])
        guard case .route(let route, _, _) = try RouteTable(routes).find(request) else { throw Missing() }
        let fields = try JSONParser.parse(Array(body.utf8))
        return try IdempotencyClaim(request, route, caller ?? self.caller(), .fields(fields))
    }

    @Test("is made by the header on a POST, quoted or not")
    func made() throws {
        let claim = try #require(try claim("abc-1"))
        #expect(claim.key == "abc-1")
        #expect(claim.caller == "account:1")
        #expect(claim.operation == "POST \(Self.path)")
        #expect(claim.fingerprint.count == 32)
        #expect(try self.claim("\"abc-1\"")?.key == "abc-1")
        #expect(try self.claim(String(repeating: "k", count: 255)) != nil)
    }

    @Test("is not made without the header, for reads, nor for development keys")
    func none() throws {
        var development = caller(nil)
        development.kind = .development
        #expect(try claim(nil) == nil)
        #expect(try claim("abc", path: "/auth/user", method: "GET") == nil)
        #expect(try claim("abc", by: development) == nil)
    }

    @Test(
        "is refused when it is empty, too long or not printable",
        arguments: ["", "\"\"", "é", "a\u{7F}", "a\u{1}"]
    )
    func refused(key: String) {
        let failure = #expect(throws: Failure.self) { try claim(key) }
        #expect(failure?.status == 400)
        #expect(throws: Failure.self) { try claim(String(repeating: "k", count: 256)) }
    }

    @Test("belongs to an account, whichever of its keys asks, and to an address for strangers")
    func callers() throws {
        #expect(try claim("k", by: caller(2))?.caller == "account:2")
        #expect(try claim("k", path: "/auth/login", by: caller(nil))?.caller == "address:192.0.2.1")
    }

    @Test("knows the request it was made with by path, query and body")
    func fingerprints() throws {
        let one = try claim("k")?.fingerprint
        #expect(try claim("k")?.fingerprint == one)
        #expect(try claim("other")?.fingerprint == one)
        #expect(try claim("k", body: #"{ "shots" : 1 }"#)?.fingerprint == one)
        for (body, path) in [
            (#"{"shots":2}"#, Self.path), (#"{"shots":1.0}"#, Self.path), (#"{"shots":1}"#, Self.path + "?a=1"),
        ] {
            #expect(try claim("k", body: body, path: path)?.fingerprint != one)
        }
    }

    @Test("finds the stored answer, refuses another request, and is forgotten after three days")
    func stored() throws {
        let unit = try UnitStore()
        let first = try #require(try claim("k"))
        let other = try #require(try claim("k", body: #"{"shots":2}"#))
        let stranger = try #require(try claim("k", by: caller(2)))
        let now = UnitStore.noon
        try unit.store.writeBlocking { db in
            try IdempotencyKeys.insert(first, Response(status: 201, body: .bytes(Array("{}".utf8))), at: now, db)
        }
        let found = try unit.store.read { db in
            (
                try IdempotencyKeys.find(first, db), try IdempotencyKeys.find(other, db),
                try IdempotencyKeys.find(stranger, db)
            )
        }
        let answer = try #require(try found.0?.response(to: first))
        #expect(answer.status == 201)
        #expect(answer.headers == [Header("Idempotent-Replayed", "true")])
        let failure = #expect(throws: Failure.self) { try found.1?.response(to: other) }
        #expect(failure?.status == 422)
        #expect(found.2 == nil)
        try unit.store.writeBlocking { db in try IdempotencyKeys.deleteExpired(at: now.adding(days: 3), db) }
        #expect(try unit.store.read { db in try IdempotencyKeys.find(first, db) } != nil)
        try unit.store.writeBlocking { db in
            try IdempotencyKeys.deleteExpired(at: now.adding(days: 3).adding(seconds: 1), db)
        }
        #expect(try unit.store.read { db in try IdempotencyKeys.find(first, db) } == nil)
    }
}
