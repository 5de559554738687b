import Testing
import Web

@testable import Portal

/// Some answers write their own JSON because they are given so often.
@Suite("An answer that writes its own JSON")
struct QuickAnswersTests {
    /// The same value without its own way of writing.
    private struct ByCodable<Value: Encodable>: Encodable {
        let value: Value

        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }

    private func expectSame(_ value: some Encodable & JSONEncoding.Literal) throws {
        let own = try JSONParser.parse(try JSONEncoding.bytes(of: value))
        let derived = try JSONParser.parse(try JSONEncoding.bytes(of: ByCodable(value: value)))
        guard case .object(let left) = own, case .object(let right) = derived else {
            Issue.record("not an object")
            return
        }
        #expect(left.sorted { $0.name < $1.name } == right.sorted { $0.name < $1.name })
    }

    @Test("says what its Codable says, for a user", arguments: [nil, "cus_1"], [nil, "bioql_<key>"])
    func user(customer: String?, key: String?) throws {
        try expectSame(
            ShowUser.Answer(
                id: 7,
                name: "Ada \"Countess\" <b>\n",
                email: "ada@example.com",
                apiKey: key,
                stripeCustomerID: Nullable(customer),
                createdAt: UnitStore.noon,
                emailVerified: false
            )
        )
    }

    @Test("says what its Codable says, for the verification of a key", arguments: VerifyKey.Code.allCases, [0, 1, 2])
    func verification(code: VerifyKey.Code, windows: Int) throws {
        var answer = VerifyKey.Answer(code)
        try expectSame(answer)
        (answer.keyID, answer.accountID, answer.appID, answer.plan) = (KeyID(12), 3, 4, "pro \"<b>\"")
        (answer.test, answer.remaining, answer.reset) = (true, 90, UnitStore.noon)
        answer.scopes = Array(Scope.allCases.prefix(windows))
        answer.rateLimits = (0..<windows).map {
            VerifyKey.WindowState(requests: 5, seconds: 60, remaining: Int64($0), retryAfter: 0)
        }
        try expectSame(answer)
    }

    @Test("says what its Codable says, for an authorisation", arguments: [nil, 90] as [Int64?], [false, true])
    func authorisation(limit: Int64?, isRefused: Bool) throws {
        let quota = Quota(
            meter: .shots,
            plan: "free",
            isPrepaid: true,
            simulatorsOnly: true,
            isActive: true,
            limit: limit,
            used: 3,
            usageMicros: 0,
            credit: Cents(1000),
            hasCustomer: false
        )
        let cost = Dollars(micros: 1000)
        var answer =
            isRefused
            ? AuthorizeUsage.Answer(quota: quota, cost: cost, refusal: .quotaExceeded)
            : AuthorizeUsage.Answer(quota: quota, cost: cost, used: 4)
        if !isRefused { answer.usageID = 12 }
        answer.test = isRefused ? nil : true
        try expectSame(answer)
    }
}
