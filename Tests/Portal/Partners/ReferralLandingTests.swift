import Testing
import Web

@testable import Portal

@Suite("A referral's link")
struct ReferralLandingTests {
    static let pages: [(String, String?)] = [
        ("https://shop.example", "https://shop.example?ref=ADA"),
        ("https://shop.example/?a=1", "https://shop.example/?a=1&ref=ADA"),
        ("https://shop.example/?", "https://shop.example/?ref=ADA"),
        ("https://shop.example/#top", "https://shop.example/?ref=ADA#top"),
        ("https://shop.example/?ref=mine#top", "https://shop.example/?ref=mine#top"),
        ("https://shop.example/?href=1", "https://shop.example/?href=1&ref=ADA"),
        ("https://shop.example/#?ref=1", "https://shop.example/?ref=ADA#?ref=1"),
        ("HTTP://shop.example/日 本", "HTTP://shop.example/%E6%97%A5%20%E6%9C%AC?ref=ADA"),
        ("https://shop.example/\r\nSet-Cookie: a=b", "https://shop.example/%0D%0ASet-Cookie:%20a=b?ref=ADA"),
        ("javascript:alert(1)", nil), ("//shop.example", nil), ("/dashboard.html", nil), ("", nil),
    ]

    @Test("leads to the campaign's page with the code, and to nothing but a web page", arguments: pages)
    func location(page: String, expected: String?) {
        #expect(ReferralLanding.location(page, code: "ADA") == expected)
    }

    @Test("notes one click each time it is followed, and none when somebody only looks ahead")
    func clicks() async throws {
        let desk = try ReferralDesk()
        let code = try await desk.refer(try desk.campaign(), by: "ada").referralCode
        func follow(_ code: String, isSpeculative: Bool) async throws -> ReferralLanding {
            var visitor = Caller(address: "198.51.100.7", requestID: "test")
            visitor.isSpeculative = isSpeculative
            return try await desk.ask(FollowReferral.self, ["code": .string(code)], by: visitor)
        }
        func clicks() throws -> Int64 {
            try desk.house.store.read { db in
                try db.value("SELECT clicks FROM campaign_day WHERE clicks > 0") ?? 0
            }
        }
        #expect(try await follow(code, isSpeculative: true).location == "https://shop.example?ref=\(code)")
        #expect(try clicks() == 0)
        #expect(try await follow(code, isSpeculative: false).location == "https://shop.example?ref=\(code)")
        #expect(try clicks() == 1)
        #expect(try await follow("nobody's", isSpeculative: false).location == nil)
        #expect(try clicks() == 1)
    }
}
