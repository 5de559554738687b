import Testing

@testable import Portal

@Suite("A sign-in at a provider")
struct SignInErrandTests {
    let errand = SignInErrand(providerID: "google", intent: .link, next: "/dashboard.html?tab=keys", cookie: "cookie")

    @Test("is written down and read back, and refuses what else is written there")
    func text() {
        #expect(SignInErrand(errand.text) == errand)
        for text in ["", "google link /", "zz google link /", "00 google neither /", "00 google link"] {
            #expect(SignInErrand(text) == nil, "\(text)")
        }
    }

    @Test("belongs to the browser with its cookie")
    func binding() {
        #expect(errand.isBound(to: "cookie"))
        for other in [nil, "", "cookies", "Cookie"] { #expect(!errand.isBound(to: other)) }
    }

    @Test("has a verifier and a nonce of its own, of the length that RFC 7636 wants")
    func secrets() {
        let verifier = SignInErrand.verifier(cookie: "cookie", state: "state")
        let nonce = SignInErrand.nonce(cookie: "cookie", state: "state")
        #expect(verifier.count == 43 && nonce.count == 43 && verifier != nonce)
        #expect(verifier != SignInErrand.verifier(cookie: "cookie", state: "states"))
        #expect(verifier != SignInErrand.verifier(cookie: "cookies", state: "state"))
    }

    @Test("challenges as in RFC 7636, appendix B")
    func challenge() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(SignInErrand.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test("ends at a path of this site", arguments: ["/", "/dashboard.html", "/a/b?c=d&e=%2F%2F"])
    func local(path: String) {
        #expect(SignInErrand.isLocal(path: path))
    }

    @Test(
        "never ends elsewhere",
        arguments: [
            "", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example", "dashboard.html",
            "/a b", "/a\r\nSet-Cookie:x", "/\t/evil.example", "/a#b", "/\u{e9}", "/\u{7f}",
        ]
    )
    func elsewhere(path: String) {
        #expect(!SignInErrand.isLocal(path: path))
    }
}
