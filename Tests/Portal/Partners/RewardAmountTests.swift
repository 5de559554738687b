import Testing
import Web

@testable import Portal

@Suite("What a conversion earns")
struct RewardAmountTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout Campaign.Terms) -> Void
        var amount: Int64? = nil
        var currency = Currency.usd
        var earlier: Int64 = 0
        let referrer: Int64
        var second: Int64 = 0

        var amounts: RewardAmount {
            var terms = Campaign.Terms(name: "")
            terms.rewardMicros = 10_000_000
            change(&terms)
            return RewardAmount(
                terms: terms,
                amount: amount.map { Cents($0) },
                currency: currency,
                earlier: earlier
            )
        }
    }

    static let fixed: [Case] = [
        Case(testDescription: "a fixed value", change: { _ in }, referrer: 1000),
        Case(testDescription: "half a cent rounds up", change: { $0.rewardMicros = 5000 }, referrer: 1),
        Case(testDescription: "less rounds to nothing", change: { $0.rewardMicros = 4999 }, referrer: 0),
        Case(testDescription: "the cap holds", change: { $0.rewardCap = 999 }, referrer: 999),
        Case(testDescription: "a cap above it does nothing", change: { $0.rewardCap = 1001 }, referrer: 1000),
        Case(testDescription: "a cap of nothing", change: { $0.rewardCap = 0 }, referrer: 0),
        Case(
            testDescription: "yen have no decimals",
            change: { $0.rewardMicros = 10_500_000 },
            currency: Currency("jpy") ?? .usd,
            referrer: 11
        ),
        Case(
            testDescription: "dinars have three",
            change: { $0.rewardMicros = 1_234_500 },
            currency: Currency("kwd") ?? .usd,
            referrer: 1235
        ),
        Case(
            testDescription: "points have two, in any currency",
            change: { ($0.rewardMicros, $0.payoutType) = (10_500_000, .points) },
            currency: Currency("jpy") ?? .usd,
            referrer: 1050
        ),
        Case(
            testDescription: "no reward is beyond all measure",
            change: { $0.rewardMicros = .max },
            currency: Currency("kwd") ?? .usd,
            referrer: RewardAmount.most.value
        ),
    ]

    static let percentages: [Case] = [
        Case(
            testDescription: "a tenth",
            change: { $0.rewardModel = .percentage },
            amount: 12_345,
            referrer: 1235
        ),
        Case(
            testDescription: "half a cent rounds away from zero",
            change: { $0.rewardModel = .percentage },
            amount: 5,
            referrer: 1
        ),
        Case(
            testDescription: "less than half does not",
            change: { $0.rewardModel = .percentage },
            amount: 4,
            referrer: 0
        ),
        Case(testDescription: "of no amount nothing", change: { $0.rewardModel = .percentage }, referrer: 0),
        Case(testDescription: "of zero nothing", change: { $0.rewardModel = .percentage }, amount: 0, referrer: 0),
        Case(
            testDescription: "a third of a percent",
            change: { ($0.rewardModel, $0.rewardMicros) = (.percentage, 333_333) },
            amount: 10_000_000,
            referrer: 33_333
        ),
        Case(
            testDescription: "capped",
            change: { ($0.rewardModel, $0.rewardCap) = (.percentage, 500) },
            amount: 12_345,
            referrer: 500
        ),
        Case(
            testDescription: "of yen in points",
            change: { ($0.rewardModel, $0.payoutType) = (.percentage, .points) },
            amount: 1005,
            currency: Currency("jpy") ?? .usd,
            referrer: 10_050
        ),
        Case(
            testDescription: "of the most there is, at the most there is",
            change: { ($0.rewardModel, $0.rewardMicros) = (.percentage, .max) },
            amount: RewardAmount.most.value,
            referrer: RewardAmount.most.value
        ),
    ]

    static let tiers = JSONValue.array([
        .object([.init("min", .integer(2)), .init("reward", .integer(20))]),
        .object([.init("min", .integer(5)), .init("reward", .decimal("30.005"))]),
    ])

    static let tiered: [Case] = [0, 1, 2, 4, 5, 1000].map { earlier in
        Case(
            testDescription: "after \(earlier) conversions",
            change: { ($0.rewardModel, $0.tierConfig) = (.tiered, tiers) },
            earlier: earlier,
            referrer: earlier < 2 ? 1000 : earlier < 5 ? 2000 : 3001
        )
    }

    static let levels: [Case] = [
        Case(
            testDescription: "without levels' own values",
            change: { $0.referralType = .multiLevel },
            referrer: 1000
        ),
        Case(
            testDescription: "each its own",
            change: { ($0.referralType, $0.level1Micros, $0.level2Micros) = (.multiLevel, 8_000_000, 2_000_000) },
            referrer: 800,
            second: 200
        ),
        Case(
            testDescription: "each its own cap",
            change: {
                ($0.referralType, $0.level1Micros, $0.level2Micros) = (.multiLevel, 8_000_000, 2_000_000)
                ($0.level1Cap, $0.level2Cap) = (799, 199)
            },
            referrer: 799,
            second: 199
        ),
        Case(
            testDescription: "the campaign's cap bounds both",
            change: {
                ($0.referralType, $0.level1Micros, $0.level2Micros) = (.multiLevel, 8_000_000, 2_000_000)
                ($0.rewardCap, $0.level1Cap) = (150, 700)
            },
            referrer: 150,
            second: 150
        ),
        Case(
            testDescription: "percentages on both",
            change: {
                ($0.referralType, $0.rewardModel) = (.multiLevel, .percentage)
                ($0.level1Micros, $0.level2Micros) = (10_000_000, 2_500_000)
            },
            amount: 9990,
            referrer: 999,
            second: 250
        ),
        Case(
            testDescription: "levels mean nothing to a campaign of one side",
            change: { ($0.level1Micros, $0.level1Cap) = (8_000_000, 1) },
            referrer: 1000
        ),
    ]

    @Test("is what its terms say, rounded once", arguments: fixed + percentages + tiered + levels)
    func amounts(of these: Case) {
        #expect(these.amounts.ofReferrer == Cents(these.referrer))
        if these.second > 0 { #expect(these.amounts.ofSecondLevel == Cents(these.second)) }
    }
}
