import Testing
import Web

@testable import Portal

@Suite("A campaign's terms")
struct CampaignEffectTests {
    static let noon = ReferralDesk.noon

    struct Opening: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout Campaign.Terms) -> Void
        let answer: String
    }

    @Test(
        "let in while it is open, and say why not",
        arguments: [
            Opening(testDescription: "active", change: { _ in }, answer: "let in"),
            Opening(
                testDescription: "paused",
                change: { $0.status = .paused },
                answer: "400 Campaign is not active"
            ),
            Opening(
                testDescription: "set to have expired",
                change: { $0.status = .expired },
                answer: "400 Campaign is not active"
            ),
            Opening(
                testDescription: "scheduled without a date",
                change: { $0.status = .scheduled },
                answer: "400 Campaign is not active"
            ),
            Opening(
                testDescription: "begins in a moment",
                change: { $0.startsAt = Timestamp(milliseconds: noon.milliseconds + 1) },
                answer: "400 Campaign has not started yet"
            ),
            Opening(
                testDescription: "scheduled, and begins now",
                change: { ($0.status, $0.startsAt) = (.scheduled, noon) },
                answer: "let in"
            ),
            Opening(testDescription: "ends now", change: { $0.endsAt = noon }, answer: "400 Campaign has ended"),
            Opening(
                testDescription: "ends in a moment",
                change: { $0.endsAt = Timestamp(milliseconds: noon.milliseconds + 1) },
                answer: "let in"
            ),
        ]
    )
    func opening(of these: Opening) async throws {
        let desk = try ReferralDesk()
        let open = try desk.campaign()
        let campaign = try desk.campaign(these.change)
        #expect(try await sentence { try await desk.refer(campaign, by: "ada") } == these.answer)
        // A code from while it was open.
        let code = try await desk.refer(open, by: "ada").referralCode
        let id = try desk.house.store.read { db in try #require(try Campaigns.find(open, db)) }
        var terms = id.terms
        these.change(&terms)
        let changed = terms
        try await desk.house.store.write { db in try Campaigns.update(id.id, changed, at: Self.noon, db) }
        #expect(try await sentence { try await desk.convert(code, by: "bob") } == these.answer)
    }

    @Test("count the window from the last click, else from the code's making, to its last moment")
    func window() async throws {
        let desk = try ReferralDesk()
        let campaign = try desk.campaign { $0.conversionWindow = 3 }
        let code = try await desk.refer(campaign, by: "ada").referralCode
        let last = Self.noon.adding(days: 3)
        let late = Timestamp(milliseconds: last.milliseconds + 1)
        let expired = "400 Conversion window has expired"
        #expect(try await sentence { try await desk.convert(code, by: "bob", at: last) } == "let in")
        #expect(try await sentence { try await desk.convert(code, by: "eve", at: late) } == expired)
        try await desk.click(code, at: Self.noon.adding(days: 1))
        #expect(try await sentence { try await desk.convert(code, by: "eve", at: late) } == "let in")
        let later = Timestamp(milliseconds: Self.noon.adding(days: 4).milliseconds + 1)
        #expect(try await sentence { try await desk.convert(code, by: "joe", at: later) } == expired)
    }

    @Test("take nobody twice by one code, and for first-time users nobody who ever converted in the app")
    func firstTime() async throws {
        let desk = try ReferralDesk()
        let (usual, first) = (try desk.campaign(), try desk.campaign { $0.isFirstTimeOnly = true })
        let code = try await desk.refer(usual, by: "ada").referralCode
        let other = try await desk.refer(first, by: "ada").referralCode
        _ = try await desk.convert(code, by: "bob")
        let again = "400 This user has already converted with this referral code"
        #expect(try await sentence { try await desk.convert(code, by: "bob") } == again)
        let known = "400 This campaign is for first-time users only"
        #expect(try await sentence { try await desk.convert(other, by: "bob") } == known)
        #expect(try await sentence { try await desk.convert(other, by: "eve") } == "let in")
    }

    @Test("shape codes, each of which is one of its kind")
    func codes() async throws {
        let desk = try ReferralDesk()
        let names: [String: JSONValue] = [
            "referrerUsername": .string("Ada L."), "referrerEmail": .string("ada.l@example.com"),
        ]
        let random = try await desk.refer(try desk.campaign { $0.codePrefix = "SPRING-" }, by: "ada").referralCode
        #expect(random.wholeMatch(of: /SPRING-[2-9A-HJ-NP-Z]{8}/) != nil)
        let byName = try desk.campaign { ($0.codeFormat, $0.codePrefix) = (.username, "X-") }
        #expect(try await desk.refer(byName, by: "ada", names).referralCode == "X-AdaL")
        let second = try await desk.refer(byName, by: "ada", names).referralCode
        #expect(second.wholeMatch(of: /X-AdaL-[2-9A-HJ-NP-Z]{4}/) != nil)
        #expect(try await desk.refer(byName, by: "user 7").referralCode == "X-user7")
        let byMail = try desk.campaign { $0.codeFormat = .emailPrefix }
        #expect(try await desk.refer(byMail, by: "ada", names).referralCode == "adal")
        let nothing = try await desk.refer(byMail, by: "日本").referralCode
        #expect(nothing.wholeMatch(of: /[2-9A-HJ-NP-Z]{8}/) != nil)
    }

    @Test("reward the referee as well, in a campaign of two sides")
    func twoSided() async throws {
        let desk = try ReferralDesk()
        let code = try await desk.refer(try desk.campaign { $0.referralType = .twoSided }, by: "ada").referralCode
        let made = try await desk.convert(code, by: "bob")
        #expect(made.rewardAmount.text == "10.00")
        #expect(try desk.shares() == ["1 ada 1000", "0 bob 1000"])
    }

    @Test("reward who referred the referrer, but nobody in a circle")
    func levels() async throws {
        let desk = try ReferralDesk()
        let campaign = try desk.campaign { ($0.referralType, $0.level2Micros) = (.multiLevel, 3_000_000) }
        let ada = try await desk.refer(campaign, by: "ada").referralCode
        let bob = try await desk.refer(campaign, by: "bob").referralCode
        let eve = try await desk.refer(campaign, by: "eve").referralCode
        _ = try await desk.convert(ada, by: "bob")
        #expect(try desk.shares() == ["1 ada 1000"])
        _ = try await desk.convert(bob, by: "eve")
        #expect(try desk.shares().suffix(2) == ["1 bob 1000", "2 ada 300"])
        // Ada converts by the code of whom she referred: nobody but Bob earns.
        _ = try await desk.convert(bob, by: "ada")
        #expect(try desk.shares().suffix(1) == ["1 bob 1000"])
        _ = try await desk.convert(eve, by: "joe")
        #expect(try desk.shares().suffix(2) == ["1 eve 1000", "2 bob 300"])
        #expect(try desk.shares().count == 6)
    }

    @Test("raise the reward with the referrer's conversions in the campaign")
    func tiers() async throws {
        let desk = try ReferralDesk()
        let campaign = try desk.campaign { terms in
            (terms.rewardModel, terms.tierConfig) = (.tiered, RewardAmountTests.tiers)
            terms.rewardCap = 2500
        }
        let code = try await desk.refer(campaign, by: "ada").referralCode
        for number in 0..<6 {
            let moment = Self.noon.adding(seconds: Int64(number))
            _ = try await desk.convert(code, by: "user \(number)", at: moment)
        }
        #expect(try desk.rewards().map(\.amount.value) == [1000, 1000, 2000, 2000, 2000, 2500])
    }

    @Test("let rewards be due after the time of holding, and gone when nobody took them")
    func holding() async throws {
        let desk = try ReferralDesk(settings: ["REWARD_HOLD_DAYS": "7"])
        let code = try await desk.refer(try desk.campaign { $0.rewardExpiration = 5 }, by: "ada").referralCode
        _ = try await desk.convert(code, by: "bob")
        func status(at moment: Timestamp) async throws -> Reward.Status {
            try await RewardClock.run(try desk.house.app(at: moment))
            return try #require(try desk.rewards().first).status
        }
        let due = Self.noon.adding(days: 7)
        #expect(try await status(at: Timestamp(milliseconds: due.milliseconds - 1)) == .pending)
        #expect(try await status(at: due) == .approved)
        let gone = Self.noon.adding(days: 12)
        #expect(try await status(at: Timestamp(milliseconds: gone.milliseconds - 1)) == .approved)
        #expect(try await status(at: gone) == .cancelled)
        #expect(try desk.rewards().first?.cancelReason == .expired)
        #expect(try desk.findings() == [])
    }

    @Test("pay in points where they say so")
    func points() async throws {
        let desk = try ReferralDesk()
        let code = try await desk.refer(try desk.campaign { $0.payoutType = .points }, by: "ada").referralCode
        _ = try await desk.convert(code, by: "bob")
        let reward = try #require(try desk.rewards().first)
        #expect(reward.currency == "pts" && reward.amount == Cents(1000))
        #expect(try desk.findings() == [])
    }
}
