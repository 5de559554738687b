import Crypto
import Testing

@testable import Portal

@Suite("A JSON Web Token")
struct JSONWebTokenTests {
    /// RFC 7515, appendix A.3.
    static let published =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
        + "Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    static let keys = """
        {"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
        """

    private static func token(_ header: String, _ claims: String = "{}", signature: String = "AA") -> String {
        [header, claims].map { Base64.encode(Array($0.utf8), as: .url) }.joined(separator: ".") + ".\(signature)"
    }

    @Test("is taken apart, and shows who signed it")
    func published() throws {
        let token = try JSONWebToken(Self.published)
        #expect(token.algorithm == .es256)
        #expect(token.keyID == nil)
        #expect(token.claims["iss"]?.string == "joe")
        let key = try require(try JSONWebKeys(Array(Self.keys.utf8)).find(for: token))
        #expect(token.isSigned(by: key))
    }

    @Test("is not signed when any part of it is another")
    func altered() throws {
        let key = try require(try JSONWebKeys(Array(Self.keys.utf8)).find(for: JSONWebToken(Self.published)))
        let parts = Self.published.split(separator: ".").map(String.init)
        let claims = Base64.encode(Array(#"{"iss":"eve","exp":1300819380}"#.utf8), as: .url)
        let header = Base64.encode(Array(#"{"alg":"ES256","typ":"JWT"}"#.utf8), as: .url)
        for text in [
            "\(parts[0]).\(claims).\(parts[2])", "\(header).\(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1]).\(Base64.encode([UInt8](repeating: 1, count: 64), as: .url))",
        ] {
            #expect(try !JSONWebToken(text).isSigned(by: key))
        }
    }

    @Test("has three parts of base 64 without padding")
    func form() {
        let head = Self.token(#"{"alg":"ES256"}"#)
        for text in [
            "", ".", "..", "...", "a.b", head + ".AA", head + "=", "\(head)!", " \(head)", head.dropLast(2) + "",
            Self.token("[]"), Self.token("no"), Self.token(#"{"alg":"ES256"}"#, "[]"), Self.token(""),
            Self.token(#"{"alg":"ES256"}"#, signature: String(repeating: "A", count: JSONWebToken.sizeLimit)),
        ] {
            #expect(throws: TokenFault.self, "\(text.prefix(80))") { try JSONWebToken(text) }
        }
    }

    @Test(
        "refuses what asks for anything but the two algorithms, and nothing else",
        arguments: [
            #"{}"#, #"{"alg":"none"}"#, #"{"alg":"None"}"#, #"{"alg":"HS256"}"#, #"{"alg":"es256"}"#,
            #"{"alg":["ES256"]}"#, #"{"alg":null}"#, #"{"alg":"ES256","crit":["exp"]}"#, #"{"alg":"ES256","crit":[]}"#,
            #"{"alg":"ES256","b64":false}"#, #"{"alg":"ES256","zip":"DEF"}"#, #"{"alg":"ES256","cty":"JWT"}"#,
            #"{"alg":"ES256","typ":"at+jwt"}"#, #"{"alg":"ES256","typ":"logout+jwt"}"#, #"{"alg":"ES256","typ":1}"#,
            #"{"alg":"ES256","kid":1}"#, #"{"alg":"ES256","kid":""}"#, #"{"alg":"ES256","alg":"none"}"#,
        ]
    )
    func headers(header: String) {
        #expect(throws: TokenFault.self) { try JSONWebToken(Self.token(header)) }
    }

    @Test("reads the key's id, and the type in any case")
    func keyID() throws {
        let token = try JSONWebToken(Self.token(#"{"alg":"RS256","kid":"k1","typ":"jwt"}"#))
        #expect(token.algorithm == .rs256)
        #expect(token.keyID == "k1")
    }
}
