import Testing
import Web

@testable import Portal

@Suite("Money of rewards")
struct RewardMoneyTests {
    static let noon = ReferralDesk.noon

    /// Cost, held, due and paid, debits less credits.
    private func sides(_ desk: ReferralDesk) throws -> [Int64] {
        try [.rewardCost, .rewardHeld, .rewardDue, .rewardPaid].map { try desk.side($0) }
    }

    private func refund(_ desk: ReferralDesk, _ made: RecordConversion.Made, _ amount: String? = nil) async throws {
        var fields = ["id": JSONValue.string(made.conversionId)]
        fields["amount"] = amount.map { .decimal($0) }
        _ = try await desk.ask(RefundConversion.self, fields)
    }

    @Test("is held, due and paid, each step in the books")
    func steps() async throws {
        let desk = try ReferralDesk()
        let code = try await desk.refer(try desk.campaign(), by: "ada").referralCode
        _ = try await desk.convert(code, by: "bob")
        #expect(try sides(desk) == [1000, -1000, 0, 0])
        try await desk.set(.approved, try #require(try desk.rewards().first))
        #expect(try sides(desk) == [1000, 0, -1000, 0])
        try await desk.set(.paid, try #require(try desk.rewards().first))
        #expect(try sides(desk) == [1000, 0, 0, -1000])
        #expect(try desk.findings() == [])
    }

    @Test("moves along the steps that there are, and no others")
    func transitions() async throws {
        typealias Status = Reward.Status
        for path in [[Status.approved], [.paid], [.cancelled], [.approved, .paid], [.approved, .cancelled]] {
            for next in Status.allCases {
                let desk = try ReferralDesk()
                let code = try await desk.refer(try desk.campaign(), by: "ada").referralCode
                _ = try await desk.convert(code, by: "bob")
                for step in path { try await desk.set(step, try #require(try desk.rewards().first)) }
                let answer = try await sentence { try await desk.set(next, try #require(try desk.rewards().first)) }
                let isOpen = path == [.approved] && (next == .paid || next == .cancelled)
                let last = path.last?.rawValue ?? ""
                #expect(answer == (isOpen ? "let in" : "400 A reward that is \(last) cannot become \(next.rawValue)"))
                #expect(try desk.findings() == [])
            }
        }
    }

    @Test("goes back whole or in part, and never twice")
    func refunds() async throws {
        let desk = try ReferralDesk()
        let campaign = try desk.campaign { $0.rewardModel = .percentage }
        let code = try await desk.refer(campaign, by: "ada").referralCode
        let made = try await desk.convert(code, by: "bob", amount: "33.33")
        #expect(made.rewardAmount.text == "3.33")
        try await refund(desk, made, "11.11")
        #expect(try sides(desk) == [222, -222, 0, 0])
        let over = try await sentence { try await refund(desk, made, "22.23") }
        #expect(over == "400 amount must be more than 0 and at most 22.22, which is what is left")
        try await refund(desk, made)
        #expect(try sides(desk) == [0, 0, 0, 0])
        try await refund(desk, made)
        #expect(try desk.rewards().map(\.status) == [.cancelled] && desk.rewards().first?.cancelReason == .refund)
        #expect(try desk.findings() == [])
    }

    @Test("that was paid out and went back is taken off the next that are paid")
    func debts() async throws {
        let desk = try ReferralDesk()
        let code = try await desk.refer(try desk.campaign(), by: "ada").referralCode
        let first = try await desk.convert(code, by: "bob")
        try await desk.set(.paid, try #require(try desk.rewards().last))
        try await refund(desk, first)
        #expect(try sides(desk) == [0, 0, 1000, -1000])
        let small = try desk.campaign { $0.rewardMicros = 4_000_000 }
        let other = try await desk.refer(small, by: "ada").referralCode
        _ = try await desk.convert(other, by: "eve")
        try await desk.set(.paid, try #require(try desk.rewards().last))
        #expect(try desk.rewards().last?.paidOut == .zero)
        #expect(try sides(desk) == [400, 0, 600, -1000])
        _ = try await desk.convert(code, by: "joe")
        try await desk.set(.paid, try #require(try desk.rewards().last))
        #expect(try desk.rewards().last?.paidOut == Cents(400))
        #expect(try sides(desk) == [1400, 0, 0, -1400])
        // Nobody else pays for it.
        let eve = try await desk.refer(small, by: "eve").referralCode
        _ = try await desk.convert(eve, by: "kim")
        try await desk.set(.paid, try #require(try desk.rewards().last))
        #expect(try desk.rewards().last?.paidOut == Cents(400))
        #expect(try desk.findings() == [])
    }

    @Test("follows refunds and disputes of our own payments, and comes back with a dispute that is won")
    func payments() async throws {
        let desk = try ReferralDesk()
        let campaign = try desk.campaign { $0.rewardModel = .percentage }
        let code = try await desk.refer(campaign, by: "ada").referralCode
        let payer = try desk.house.account("payer").account
        try await desk.house.store.write { db in
            try Payments.receive(Cents(20_000), .usd, from: payer, providerID: "pi_1", at: Self.noon, db)
        }
        let about: [String: JSONValue] = ["metadata": .object([.init("payment_intent", .string("pi_1"))])]
        _ = try await desk.convert(code, by: "bob", amount: "200", about)
        #expect(try sides(desk) == [2000, -2000, 0, 0])
        func dispute(_ status: String, _ amount: Int64) async throws {
            let told = JSONValue.object([
                .init("id", .string("dp_1")), .init("payment_intent", .string("pi_1")),
                .init("status", .string(status)), .init("amount", .integer(amount)),
            ])
            let links = try desk.house.app().invoiceLinks
            try await desk.house.store.write { db in
                _ = try #require(DisputeEffect(told)).apply(at: Self.noon, links, db)
            }
        }
        try await dispute("needs_response", 5000)
        #expect(try sides(desk) == [1500, -1500, 0, 0])
        #expect(try desk.findings() == [])
        try await dispute("won", 5000)
        #expect(try sides(desk) == [2000, -2000, 0, 0])
        try await desk.set(.paid, try #require(try desk.rewards().last))
        let refund = JSONValue.object([
            .init("id", .string("re_1")), .init("payment_intent", .string("pi_1")),
            .init("status", .string("succeeded")), .init("amount", .integer(20_000)),
        ])
        let links = try desk.house.app().invoiceLinks
        try await desk.house.store.write { db in
            _ = try #require(RefundEffect(refund)).apply(at: Self.noon, links, db)
        }
        #expect(try sides(desk) == [0, 0, 2000, -2000])
        #expect(try desk.rewards().map(\.status) == [.cancelled])
        #expect(try desk.findings() == [])
        // What had gone back before anybody told of the conversion earns nothing.
        let late = try await desk.convert(code, by: "eve", amount: "200", about)
        #expect(!late.rewardCreated)
        #expect(try desk.findings() == [])
    }

    @Test("waits while the referral is flagged, and is gone when it was fraud")
    func flags() async throws {
        for resolution in FraudFlag.Resolution.allCases {
            let desk = try ReferralDesk(settings: ["REWARD_HOLD_DAYS": "1"])
            let code = try await desk.refer(try desk.campaign(), by: "ada")
            _ = try await desk.convert(code.referralCode, by: "bob")
            try await desk.set(.paid, try #require(try desk.rewards().last))
            _ = try await desk.convert(code.referralCode, by: "eve")
            _ = try await desk.ask(FlagReferral.self, ["id": .string(code.referralId), "reason": .string("Odd")])
            // It works on, and earns nothing.
            let joe = try await desk.convert(code.referralCode, by: "joe")
            #expect(joe.status == .flagged && !joe.rewardCreated && joe.warning != nil)
            let later = Self.noon.adding(days: 3)
            try await RewardClock.run(try desk.house.app(desk.settings, at: later))
            #expect(try desk.rewards().map(\.status) == [.paid, .pending])
            let held = try await sentence { try await desk.set(.approved, try #require(try desk.rewards().last)) }
            #expect(held == "409 The referral of this reward is under review")
            try await desk.resolveAll(resolution, at: later)
            try await RewardClock.run(try desk.house.app(desk.settings, at: later))
            let rewards = try desk.rewards()
            if resolution == .legitimate {
                #expect(rewards.map(\.status) == [.paid, .approved, .approved])
                #expect(rewards.last?.createdAt == Self.noon)
            } else {
                #expect(rewards.map(\.status) == [.cancelled, .cancelled])
                #expect(try sides(desk) == [0, 0, 1000, -1000])
                let gone = try await sentence { try await desk.convert(code.referralCode, by: "kim") }
                #expect(gone == "404 Referral code not found")
            }
            #expect(try desk.findings() == [])
        }
    }

    @Test("is made once, however many ask at a time")
    func races() async throws {
        let desk = try ReferralDesk()
        let code = try await desk.refer(try desk.campaign(), by: "ada").referralCode
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<64 {
                group.addTask { try await sentence { try await desk.convert(code, by: "bob") } }
            }
            return try await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(
            answers == ["let in": 1, "400 This user has already converted with this referral code": 63]
        )
        #expect(try desk.rewards().count == 1)
    }
}
