import Crypto
import Testing
import Web

@testable import Portal

@Suite("What an ID token claims")
struct IDClaimsTests {
    private static let now: Int64 = 1_800_000_000

    /// - Parameter changed: members in JSON that take the place of those of a good token; `null` takes one out.
    private static func claims(_ changed: [String: String] = [:]) throws -> JSONValue {
        var members = [
            "iss": #""https://id.example""#, "aud": #""desk""#, "sub": #""s1""#, "exp": "\(now + 300)",
            "iat": "\(now)", "nonce": #""n""#, "email": #""ada@example.com""#, "email_verified": "true",
            "name": #""Ada""#,
        ]
        members.merge(changed) { $1 }
        let text = members.filter { $0.value != "null" }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        return try JSONParser.parse(Array("{\(text)}".utf8))
    }

    private static func read(
        _ changed: [String: String] = [:],
        nonce: String? = "n",
        accessToken: String? = nil
    ) throws -> IDClaims {
        let expected = IDClaims.Expectation(
            issuer: "https://id.example",
            clientID: "desk",
            nonce: nonce,
            accessToken: accessToken,
            now: Timestamp(milliseconds: now * 1000)
        )
        return try IDClaims(try claims(changed), expecting: expected)
    }

    @Test("is read when all of it is for us, now")
    func good() throws {
        let claims = try Self.read()
        let expected = IDClaims(
            issuer: "https://id.example",
            subject: "s1",
            email: "ada@example.com",
            isEmailVerified: true,
            name: "Ada"
        )
        #expect(claims == expected)
    }

    @Test(
        "is believed within a minute's difference of clocks, for us among others, with fractions of seconds",
        arguments: [
            ["exp": "\(now - 59)"], ["exp": "\(now + 1).5"], ["iat": "\(now + 60)"], ["iat": "\(now - 86_400)"],
            ["nbf": "\(now + 60)"], ["auth_time": "\(now - 9_999_999)"], ["aud": #"["desk"]"#],
            ["aud": #"["desk","others"]"#, "azp": #""desk""#], ["azp": #""desk""#],
        ]
    )
    func allowed(changed: [String: String]) throws {
        #expect(try Self.read(changed).subject == "s1")
    }

    @Test(
        "is not believed otherwise",
        arguments: [
            ["iss": "null"], ["iss": #""https://id.example/""#], ["iss": #""HTTPS://ID.EXAMPLE""#], ["iss": "1"],
            ["aud": "null"], ["aud": #""others""#], ["aud": "[]"], ["aud": #"["others"]"#], ["aud": #"["desk","x"]"#],
            ["aud": #"["desk","x"]"#, "azp": #""x""#], ["azp": #""x""#], ["azp": "1"],
            ["exp": "null"], ["exp": "\(now - 60)"], ["exp": #""\#(now + 300)""#], ["exp": "-1"], ["exp": "1e300"],
            ["iat": "null"], ["iat": "\(now + 61)"], ["iat": "\(now - 86_401)"],
            ["nbf": "\(now + 61)"], ["nbf": "true"], ["auth_time": "\(now + 61)"],
            ["nonce": "null"], ["nonce": #""m""#], ["nonce": "1"], ["nonce": #""n ""#],
            ["sub": "null"], ["sub": #""""#], ["sub": "1"], ["sub": #""é""#], ["sub": #""a\u0001""#],
            ["sub": "\"\(String(repeating: "s", count: 256))\""],
        ]
    )
    func refused(changed: [String: String]) throws {
        #expect(throws: TokenFault.self) { try Self.read(changed) }
    }

    @Test("needs no nonce from a caller who brings it along")
    func bearer() throws {
        #expect(try Self.read(["nonce": "null"], nonce: nil).subject == "s1")
    }

    @Test("belongs to the access token that came with it, where it names one")
    func accessToken() throws {
        // OpenID Connect Core 1.0, appendix A.3: the token and its hash.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
        let hash = ["at_hash": #""77QmUPtjPfzWtF2AnpK9RQ""#]
        #expect(try Self.read(hash, accessToken: token).subject == "s1")
        #expect(try Self.read(hash).subject == "s1")
        #expect(throws: TokenFault.self) { try Self.read(hash, accessToken: token + "x") }
        #expect(throws: TokenFault.self) { try Self.read(["at_hash": "1"], accessToken: token) }
    }

    @Test(
        "knows an address as verified only by yes",
        arguments: [("true", true), (#""true""#, true), ("false", false)]
    )
    func verified(value: String, isVerified: Bool) throws {
        #expect(try Self.read(["email_verified": value]).isEmailVerified == isVerified)
        for other in ["null", "1", #""yes""#, #""TRUE""#] {
            #expect(try !Self.read(["email_verified": other]).isEmailVerified)
        }
    }
}
