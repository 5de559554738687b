import Storage
import Web

/// `GET /r/{code}`: the link that a referrer hands on. It leads to the campaign's page, and notes the click.
struct FollowReferral: Endpoint {
    struct Input: Codable, Sendable {
        let code: Text<1, 128>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> ReferralLanding {
        let code = input.code.value
        let found = try app.store.read { db -> (Referral, String)? in
            guard let referral = try Referrals.find(code: code, db),
                let campaign = try Campaigns.find(id: referral.campaignID, db),
                let owner = try Apps.find(id: referral.appID, db)
            else { return nil }
            return (referral, campaign.terms.landingURL.isEmpty ? owner.website : campaign.terms.landingURL)
        }
        guard let (referral, landing) = found else { return .unknown }
        // Who only looks ahead has not followed anything.
        if !caller.isSpeculative {
            let (now, visitor) = (app.now(), Visitor(caller))
            do {
                try await app.store.write { db in
                    _ = try ReferralClicks.record(referral, refereeID: nil, by: visitor, at: now, db)
                }
            } catch let error as StoreError {
                // The visitor goes on, whatever the desk's trouble.
                app.log.warning("a click was not noted", metadata: ["error": "\(error)"])
            }
        }
        return ReferralLanding(landing, code: referral.code)
    }
}

/// Where a referral's link leads.
struct ReferralLanding: Output {
    static var status: Int { 302 }
    static var contentType: String { "text/html" }
    static var schema: Schema { String.schema }

    /// Nil: there is no page to go to.
    let location: String?
    private let isKnown: Bool

    /// The link of nobody.
    static let unknown = ReferralLanding(location: nil, isKnown: false)

    /// - Parameter page: what the campaign's or the app's owner set; empty: nothing. Only `http` and `https` are gone
    ///   to.
    init(_ page: String, code: String) {
        self.init(location: Self.location(page, code: code), isKnown: true)
    }

    private init(location: String?, isKnown: Bool) {
        (self.location, self.isKnown) = (location, isKnown)
    }

    func response() throws -> Response {
        if let location {
            return Response(status: 302, contentType: Self.contentType, headers: [Header("Location", location)])
        }
        let (title, text) =
            isKnown
            ? ("Welcome", "You were invited. Your invitation has been noted; there is no further page to see here.")
            : ("Not found", "There is no such invitation, or it has ended.")
        let html = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex, nofollow">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/assets/base.css">
            </head>
            <body>
            <main>
            <h1>\(title)</h1>
            <p>\(text)</p>
            </main>
            </body>
            </html>

            """
        let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        return Response(
            status: isKnown ? 200 : 404,
            contentType: Self.contentType,
            headers: [Header("Content-Security-Policy", policy), Header("X-Robots-Tag", "noindex, nofollow")],
            body: .bytes(Array(html.utf8))
        )
    }

    /// The page with the code as `ref`, unless it has one.
    static func location(_ page: String, code: String) -> String? {
        let lower = page.lowercased()
        guard lower.hasPrefix("https://") || lower.hasPrefix("http://") else { return nil }
        let parts = page.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let fragment = parts.count > 1 ? "#\(parts[1])" : ""
        let query = parts[0].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
        let hasRef = query?.split(separator: "&").contains { $0 == "ref" || $0.hasPrefix("ref=") } ?? false
        let mark = query == nil ? "?" : query?.isEmpty == true ? "" : "&"
        let whole = hasRef ? page : "\(parts[0])\(mark)ref=\(code)\(fragment)"
        return encoded(whole)
    }

    /// What no header may hold, as a browser would send it.
    private static func encoded(_ url: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in url.utf8 {
            if byte > 0x20, byte < 0x7F {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
