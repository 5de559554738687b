import Testing
import Web

@testable import Portal

@Suite("Reward tiers")
struct RewardTiersTests {
    private func read(_ text: String) throws -> RewardTiers {
        try RewardTiers(try JSONParser.parse(Array(text.utf8)))
    }

    @Test(
        "are read under every name that clients write",
        arguments: [
            #"[{"minConversions":0,"rewardValue":5},{"minConversions":10,"rewardValue":7.5}]"#,
            #"{"tiers":[{"min":10,"reward":7.5},{"min":0,"reward":5}]}"#,
            #"[{"from":0,"value":5.00,"name":"Bronze"},{"from":10,"value":7.50}]"#,
            #"[{"threshold":"0","amount":"5"},{"threshold":"10","amount":"7.5"}]"#,
            #""[{\"conversions\":0,\"amount\":5},{\"conversions\":10.0,\"amount\":7.5}]""#,
        ]
    )
    func names(text: String) throws {
        let tiers = try read(text)
        #expect(tiers.tiers.map(\.from) == [0, 10])
        #expect([0, 9, 10, 1_000_000].map { tiers.micros(after: $0) } == [5_000_000, 5_000_000, 7_500_000, 7_500_000])
    }

    @Test("say nothing below the first of them")
    func below() throws {
        #expect(try read(#"[{"min":3,"reward":1}]"#).micros(after: 2) == nil)
        #expect(try read("[]").micros(after: 0) == nil)
    }

    @Test(
        "are refused when they cannot be meant",
        arguments: [
            "{}", "5", "true", #""5""#, #""\"[]\"""#, "[[]]", #"[{"min":1}]"#, #"[{"reward":1}]"#,
            #"[{"min":-1,"reward":1}]"#, #"[{"min":1,"reward":-1}]"#, #"[{"min":1.5,"reward":1}]"#,
            #"[{"min":1,"reward":100000.01}]"#, #"[{"min":1,"reward":1e3}]"#, #"{"tiers":{"tiers":[]}}"#,
            #"[{"min":9999999999999999999,"reward":1}]"#, #"[{"min":1,"reward":1},{"from":1,"reward":2}]"#,
        ]
    )
    func refused(text: String) throws {
        let failure = #expect(throws: Failure.self) { try read(text) }
        #expect(failure?.status == 400 && failure?.fields.first?.field == "tierConfig")
    }
}
