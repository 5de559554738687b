import Testing
import Web

@testable import Portal

@Suite("Rules of fraud")
struct FraudRulesTests {
    static let noon = ReferralDesk.noon

    /// All rules off but one, so that a case shows what it says.
    static func only(_ rule: Fraud.Rule, _ setting: [JSONValue.Member] = []) -> JSONValue {
        .object(
            Fraud.Rule.allCases.map { other in
                .init(other.rawValue, .object(other == rule ? setting : [.init("enabled", .bool(false))]))
            }
        )
    }

    /// How many codes pass before one is flagged, each made a while after the one before.
    private func codesBefore(
        _ rule: Fraud.Rule,
        every seconds: (Int64) -> Int64,
        _ setting: [JSONValue.Member] = [],
        by referrer: (Int64) -> String = { "user \($0)" },
        from caller: (ReferralDesk, Int64) -> Caller = { desk, _ in desk.caller() },
        upTo most: Int64 = 40
    ) async throws -> (passed: Int64, score: Int64?) {
        let desk = try ReferralDesk(rules: Self.only(rule, setting))
        let campaign = try desk.campaign()
        var moment = Self.noon
        for number in 0..<most {
            let asking = caller(desk, number)
            let made = try await desk.refer(campaign, by: referrer(number), from: asking, at: moment)
            if made.status == .flagged { return (number, made.riskScore) }
            moment = moment.adding(seconds: seconds(number))
        }
        return (most, nil)
    }

    @Test("flag the fifth code from an address within 24 hours")
    func codesFromAddress() async throws {
        #expect(try await codesBefore(.codesFromAddress) { $0 < 3 ? 60 : 86_219 } == (4, 30))
        // The first is 24 hours old to the millisecond, so it counts no more.
        #expect(try await codesBefore(.codesFromAddress, every: { $0 < 3 ? 60 : 86_220 }, upTo: 5) == (5, nil))
        let several = { (desk: ReferralDesk, number: Int64) in desk.caller("192.0.2.\(number)") }
        #expect(try await codesBefore(.codesFromAddress, every: { _ in 1 }, from: several) == (40, nil))
    }

    @Test("flag the tenth code of a referrer within an hour, wherever it comes from")
    func codesByReferrer() async throws {
        let several = { (desk: ReferralDesk, number: Int64) in desk.caller("192.0.2.\(number)") }
        let one = { (_: Int64) in "ada" }
        #expect(try await codesBefore(.codesByReferrer, every: { _ in 399 }, by: one, from: several) == (9, 40))
        #expect(try await codesBefore(.codesByReferrer, every: { _ in 400 }, by: one, from: several) == (40, nil))
        #expect(try await codesBefore(.codesByReferrer) { _ in 1 } == (40, nil))
    }

    @Test("flag the tenth code from a device within 24 hours, which is an address and what the client calls itself")
    func codesFromDevice() async throws {
        #expect(try await codesBefore(.codesFromDevice) { _ in 9599 } == (9, 25))
        #expect(try await codesBefore(.codesFromDevice) { _ in 9600 } == (40, nil))
        let several = { (desk: ReferralDesk, number: Int64) in desk.caller(agent: "Phone \(number)") }
        #expect(try await codesBefore(.codesFromDevice, every: { _ in 1 }, from: several) == (40, nil))
    }

    @Test("flag the fifth code at regular intervals")
    func regularCodes() async throws {
        let one = { (_: Int64) in "ada" }
        #expect(try await codesBefore(.regularIntervals, every: { _ in 60 }, by: one) == (4, 30))
        // Gaps of 60 and 62 seconds by turns: their variance is 1 s² to the millisecond.
        #expect(try await codesBefore(.regularIntervals, every: { 60 + 2 * ($0 % 2) }, by: one, upTo: 5) == (5, nil))
        #expect(try await codesBefore(.regularIntervals, every: { 60 + $0 * $0 * 7 }, by: one, upTo: 20) == (20, nil))
    }

    @Test(
        "call gaps regular below a variance of 1 s²",
        arguments: [
            ([0, 1000, 2000, 3000], true), ([0, 1000, 3000, 4000, 6000], true), ([0, 1000, 4000, 5000, 8000], false),
            ([0, 1999, 1999, 3998, 3998], true), ([0, 2000, 2000, 4000, 4000], false), ([0, 1], false), ([], false),
            ([0, 0, 0, 0, 0], true), ([0, 86_400_000, 86_400_000], false),
        ] as [([Int64], Bool)]
    )
    func regular(moments: [Int64], isRegular: Bool) {
        #expect(Fraud.isRegular(moments) == isRegular)
    }

    @Test(
        "flag who refers themselves, by whatever name",
        arguments: [
            ("ada", true), ("ADA", true), (" ada ", true), ("ada@example.com", true), ("Lovelace", true),
            ("bob", false),
            ("ada2", false),
        ]
    )
    func selfReferral(referee: String, isFlagged: Bool) async throws {
        let desk = try ReferralDesk()
        let names: [String: JSONValue] = [
            "referrerUsername": .string("lovelace"), "referrerEmail": .string("ada@example.com"),
        ]
        let campaign = try desk.campaign()
        let named = names.merging(["refereeId": .string(referee)]) { $1 }
        let made = try await desk.refer(campaign, by: "ada", named)
        #expect(made.status == (isFlagged ? .flagged : .pending))
        #expect(made.riskScore == (isFlagged ? 50 : nil) && (made.warning != nil) == isFlagged)
        // Who converts by their own code earns nothing either, however it is resolved.
        let code = try await desk.refer(campaign, by: "ada", names).referralCode
        let converted = try await desk.convert(code, by: referee)
        #expect(converted.status == (isFlagged ? .flagged : .converted) && converted.rewardCreated == !isFlagged)
        try await desk.resolveAll(.legitimate)
        #expect(try desk.rewards().isEmpty == isFlagged)
        #expect(try desk.findings() == [])
    }

    @Test("flag the twentieth conversion of a referrer within an hour")
    func conversionsOfReferrer() async throws {
        for (seconds, passed) in [(Int64(189), 19), (190, 30)] {
            let desk = try ReferralDesk(rules: Self.only(.conversionsOfReferrer))
            let campaign = try desk.campaign()
            let codes = [
                try await desk.refer(campaign, by: "ada").referralCode,
                try await desk.refer(campaign, by: "ada").referralCode,
            ]
            var count = 0
            for number in 0..<30 {
                let moment = Self.noon.adding(seconds: seconds * Int64(number))
                let made = try await desk.convert(codes[number % 2], by: "user \(number)", at: moment)
                if made.status == .flagged { break }
                count += 1
            }
            #expect(count == passed, "every \(seconds) s")
        }
    }

    @Test("flag the fifth conversion at regular intervals")
    func regularConversions() async throws {
        let desk = try ReferralDesk(rules: Self.only(.regularIntervals))
        let code = try await desk.refer(try desk.campaign(), by: "ada").referralCode
        var flagged: [Int64] = []
        for number: Int64 in 0..<6 {
            let moment = Self.noon.adding(seconds: 60 * number)
            if try await desk.convert(code, by: "user \(number)", at: moment).status == .flagged {
                flagged.append(number)
            }
        }
        #expect(flagged == [4, 5])
    }

    @Test("flag a conversion within five seconds of the referee's click, and not of another's")
    func conversionAfterClick() async throws {
        let desk = try ReferralDesk(rules: Self.only(.conversionAfterClick))
        let campaign = try desk.campaign()
        func status(after milliseconds: Int64, click referee: String?, from address: String) async throws
            -> Conversion.Status
        {
            let code = try await desk.refer(campaign, by: "ada").referralCode
            try await desk.click(code, by: referee)
            let moment = Timestamp(milliseconds: Self.noon.milliseconds + milliseconds)
            return try await desk.convert(code, by: "bob", from: desk.caller(address), at: moment).status
        }
        #expect(try await status(after: 4999, click: "bob", from: "192.0.2.9") == .flagged)
        #expect(try await status(after: 5000, click: "bob", from: "192.0.2.9") == .converted)
        #expect(try await status(after: 4999, click: nil, from: "192.0.2.1") == .flagged)
        #expect(try await status(after: 4999, click: nil, from: "192.0.2.9") == .converted)
        #expect(try await status(after: 4999, click: "eve", from: "192.0.2.1") == .converted)
    }

    @Test("flag a conversion from the address where the code was made, though not for the referee's own click")
    func referrersAddress() async throws {
        let desk = try ReferralDesk(rules: Self.only(.referrersAddress))
        let code = try await desk.refer(try desk.campaign(), by: "ada").referralCode
        let other = desk.caller("198.51.100.7")
        _ = try await desk.ask(RecordClick.self, ["referralCode": .string(code)], by: other)
        #expect(try await desk.convert(code, by: "bob", from: other).status == .converted)
        #expect(try await desk.convert(code, by: "eve").status == .flagged)
        // A key that is bound to networks is a server's, whose address tells nothing of people.
        let server = desk.caller(networks: Networks(stored: "192.0.2.0/24"))
        #expect(try await desk.convert(code, by: "joe", from: server).status == .converted)
    }

    @Test("add up their scores, and are what the app makes of them")
    func overrides() async throws {
        let loose: [JSONValue.Member] = [.init("threshold", .integer(7)), .init("score", .integer(11))]
        #expect(try await codesBefore(.codesFromAddress, every: { _ in 1 }, loose) == (6, 11))
        let rules = JSONValue.object([
            .init("codesFromAddress", .object([.init("threshold", .integer(1))])),
            .init("codesFromDevice", .object([.init("threshold", .integer(1))])),
        ])
        let desk = try ReferralDesk(rules: rules)
        let made = try await desk.refer(try desk.campaign(), by: "ada", ["refereeId": .string("ada")])
        #expect(made.riskScore == 50 + 30 + 25 && made.reasons?.count == 3)
        #expect(Fraud.Rules.fault(in: rules) == nil)
        let odd = JSONValue.object([.init("selfReferral", .object([.init("score", .string("high"))]))])
        #expect(Fraud.Rules.fault(in: odd)?.field == "fraudRules.selfReferral.score")
        #expect(Fraud.Rules.fault(in: .object([.init("luck", .object([]))]))?.field == "fraudRules.luck")
    }
}

extension ReferralDesk {
    /// As somebody of the account would, flag by flag.
    func resolveAll(_ resolution: FraudFlag.Resolution, at moment: Timestamp = noon) async throws {
        let open = try house.store.read { db in
            try FraudFlags.page(.init(accountID: owner.account, show: .open), limit: 1000, db)
        }
        for flag in open.reversed() {
            let fields = ["id": JSONValue.string(flag.publicID), "resolution": .string(resolution.rawValue)]
            _ = try await ask(ResolveFlag.self, fields, at: moment)
        }
    }
}
