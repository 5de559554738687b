import Testing
import Web

@testable import Portal

@Suite("Rewards, against a model")
struct RewardModelTests {
    static let steps = 400
    static let users = ["ada", "bob", "eve", "joe", "kim", "lea"]

    @Test("are the same after any deeds in any order, and nobody gets more than they may keep", arguments: 0..<4)
    func story(number: Int) async throws {
        var story = try await RewardStory(SeededDice(for: "rewards, story \(number)"))
        for step in 1...Self.steps {
            let deed = try await story.advance()
            try story.compare("step \(step), \(deed), SEED=\(story.seed)")
        }
        #expect(try story.desk.findings() == [], "SEED=\(story.seed)")
        #expect(story.done.count == RewardStory.Deed.allCases.count, "SEED=\(story.seed)")
    }
}

/// The desk and the model, to whom the same happens.
struct RewardStory {
    enum Deed: CaseIterable {
        case refer, click, convert, refund, change, flag, resolve, wait
    }

    let desk: ReferralDesk
    let seed: UInt64
    private(set) var done: Set<Deed> = []
    private var dice: SeededDice
    private var model = RewardModel()
    private var now = ReferralDesk.noon
    private var campaigns: [String] = []

    init(_ dice: SeededDice) async throws {
        (self.dice, seed) = (dice, dice.seed)
        desk = try ReferralDesk(settings: ["REWARD_HOLD_DAYS": "\(RewardModel.holdDays)"])
        campaigns = [
            try desk.campaign { $0.rewardExpiration = Int64(RewardModel.expiryDays) },
            try desk.campaign {
                ($0.referralType, $0.rewardModel) = (.twoSided, .percentage)
                ($0.rewardMicros, $0.rewardCap) = (12_500_000, 2000)
            },
            try desk.campaign {
                ($0.referralType, $0.level1Micros, $0.level2Micros) = (.multiLevel, 6_000_000, 1_500_000)
            },
        ]
    }

    mutating func advance() async throws -> Deed {
        now = now.adding(seconds: Int64(dice.roll(1...3600)))
        let deed: Deed =
            model.codes.isEmpty
            ? .refer
            : dice.pick(
                [.refer, .click, .convert, .convert, .convert, .refund, .change, .change, .change]
                    + [.change, .flag, .resolve, .wait]
            )
        switch deed {
        case .refer: try await refer()
        case .click:
            let working = model.codes.filter { !$0.isRejected }
            if !working.isEmpty { try await desk.click(dice.pick(working).code, at: now) }
        case .convert: try await convert()
        case .refund: try await refund()
        case .change: try await change()
        case .flag: try await flag()
        case .resolve: try await resolve()
        case .wait:
            now = now.adding(seconds: Int64(dice.roll(0...4 * 86_400)))
            try await RewardClock.run(try desk.house.app(desk.settings, at: now))
            model.pass(to: now)
        }
        done.insert(deed)
        return deed
    }

    private mutating func refer() async throws {
        let kind = dice.pick(RewardModel.Kind.allCases)
        let referrer = dice.pick(RewardModelTests.users)
        let made = try await desk.refer(campaigns[kind.rawValue], by: referrer, at: now)
        model.codes.append(.init(id: made.referralId, code: made.referralCode, kind: kind, referrer: referrer))
    }

    private mutating func convert() async throws {
        let code = dice.roll(0...model.codes.count - 1)
        let (referee, amount) = (dice.pick(RewardModelTests.users), Int64(dice.roll(1...30_000)))
        let known = model.deals.contains { $0.code == code && $0.referee == referee }
        let text = Money(amount, .usd).text
        do {
            let made = try await desk.convert(model.codes[code].code, by: referee, amount: text, at: now)
            #expect(!known && !model.codes[code].isRejected)
            model.convert(code, referee, amount, id: made.conversionId, at: now)
        } catch let failure as Failure {
            #expect(failure.status == (model.codes[code].isRejected ? 404 : 400) && (known || failure.status == 404))
        }
    }

    private mutating func refund() async throws {
        let open = model.deals.indices.filter { model.deals[$0].back < model.deals[$0].amount }
        guard !open.isEmpty else { return }
        let deal = dice.pick(Array(open))
        let left = model.deals[deal].amount - model.deals[deal].back
        let part = dice.roll(0...1) == 0 ? left : Int64(dice.roll(1...Int(left)))
        let fields = ["id": JSONValue.string(model.deals[deal].id), "amount": .decimal(Money(part, .usd).text)]
        _ = try await desk.ask(RefundConversion.self, fields, at: now)
        model.refund(deal, part)
    }

    private mutating func change() async throws {
        guard !model.shares.isEmpty else { return }
        let share = dice.roll(0...model.shares.count - 1)
        let status = dice.pick([Reward.Status.approved, .paid, .paid, .cancelled])
        let reward = try reward(share)
        let before = model
        let isThere = model.set(status, share)
        let answer = try await sentence { try await desk.set(status, reward, at: now) }
        #expect((answer == "let in") == isThere, "\(answer)")
        let user = before.shares[share].user
        let (got, kept) = (self.got(by: user, model), self.kept(by: user, model))
        #expect(got <= max(kept, self.got(by: user, before)))
    }

    private func got(by user: String, _ model: RewardModel) -> Int64 {
        model.shares.filter { $0.user == user }.reduce(0) { $0 + ($1.got ?? 0) }
    }

    private func kept(by user: String, _ model: RewardModel) -> Int64 {
        model.shares.filter { $0.user == user }.reduce(0) { $0 + $1.kept }
    }

    private mutating func flag() async throws {
        let code = dice.roll(0...model.codes.count - 1)
        guard !model.codes[code].isFlagged, !model.codes[code].isRejected else { return }
        let fields = ["id": JSONValue.string(model.codes[code].id), "reason": .string("Odd")]
        _ = try await desk.ask(FlagReferral.self, fields, at: now)
        model.flag(code)
    }

    private mutating func resolve() async throws {
        let open = model.codes.indices.filter { model.isUnderReview($0) }
        guard !open.isEmpty else { return }
        let code = dice.pick(Array(open))
        let resolution: FraudFlag.Resolution = dice.roll(0...3) == 0 ? .fraud : .legitimate
        let fields: [String: JSONValue] = [
            "id": .string(model.codes[code].id), "resolution": .string(resolution.rawValue),
        ]
        _ = try await desk.ask(ResolveReferral.self, fields, at: now)
        model.resolve(code, resolution)
    }

    private func reward(_ share: Int) throws -> Reward {
        let wanted = model.shares[share]
        return try desk.house.store.read { db in
            let deal = try require(try Conversions.find(model.deals[wanted.deal].id, app: desk.appID, db))
            return try require(try Rewards.list(of: deal.id, db).first { $0.level == wanted.level })
        }
    }

    func compare(_ what: String) throws {
        let sides = try [Ledger.Side.rewardCost, .rewardHeld, .rewardDue, .rewardPaid].map { try desk.side($0) }
        try #require(sides == model.sides, "\(what)")
        for index in model.shares.indices {
            let (share, reward) = (model.shares[index], try reward(index))
            try #require(reward.status == share.status && reward.amount.value == share.amount, "\(what)")
            try #require(reward.net.value == share.kept && reward.paidOut.value == share.got ?? 0, "\(what)")
        }
    }
}
