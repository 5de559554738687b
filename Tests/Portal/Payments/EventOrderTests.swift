import Testing

@testable import Portal

/// Every order of `items`, by Heap's algorithm.
func permutations<Item>(of items: [Item]) -> [[Item]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index in
        var rest = items
        let first = rest.remove(at: index)
        return permutations(of: rest).map { [first] + $0 }
    }
}

@Suite("Events of a payment")
struct EventOrderTests {
    typealias Told = (type: String, object: String)

    /// A payment of 50 dollars, of which 15 go back and 35 are lost in a dispute.
    static func story(_ name: String) -> [Told] {
        [
            ("checkout.session.completed", PaymentDesk.session(name)),
            ("payment_intent.succeeded", PaymentDesk.intent(name)),
            ("charge.refunded", PaymentDesk.charge(name, refunded: 1500)),
            ("refund.created", PaymentDesk.refund(name, 1500, "pending")),
            ("refund.updated", PaymentDesk.refund(name, 1500, "succeeded")),
            ("charge.dispute.created", PaymentDesk.dispute(name, 3500, "needs_response")),
            ("charge.dispute.closed", PaymentDesk.dispute(name, 3500, "lost")),
        ]
    }

    /// How the provider's objects are once all of it has happened.
    static func arrange(_ fake: FakeStripe, _ name: String) {
        fake.put("/v1/checkout/sessions/cs_\(name)", PaymentDesk.session(name))
        fake.put("/v1/payment_intents/pi_\(name)", PaymentDesk.intent(name))
        fake.put("/v1/charges/ch_\(name)", PaymentDesk.charge(name, refunded: 1500))
        fake.put("/v1/refunds/re_\(name)_1", PaymentDesk.refund(name, 1500, "succeeded"))
        fake.put("/v1/disputes/du_\(name)", PaymentDesk.dispute(name, 3500, "lost"))
        fake.put(list: "/v1/checkout/sessions?payment_intent=pi_\(name)", PaymentDesk.session(name))
        fake.put(list: "/v1/refunds?charge=ch_\(name)", PaymentDesk.refund(name, 1500, "succeeded"))
    }

    /// The credit that was left paid the refund, and then what it could of the loss. The invoice stays paid.
    static let end = [
        "credit 0", "unbilled 0", "receivable 0", "amount 5000", "refunded 1500 disputed 3500",
        "dispute credit -900", "dispute loss -2600", "paid credit 2400", "paid receivable 2600", "refund credit -1500",
        "refund succeeded", "dispute lost", "opened 1", "invoice paid",
    ]

    @Test("end the same in each of 5,040 orders, taken at their word, some of them told twice")
    func everyOrderAsSigned() async throws {
        let desk = try PaymentDesk(asksAgain: false)
        for (number, order) in permutations(of: Array(0..<7)).enumerated() {
            let name = "p\(number)"
            let account = try desk.debtor(name)
            let story = Self.story(name)
            for (place, index) in order.enumerated() {
                try await desk.tell(story[index].type, story[index].object, id: "evt_\(name)_\(index)")
                // The one before once more, as itself and as a twin.
                guard place > 0, place % 3 == number % 3 else { continue }
                let again = order[place - 1]
                try await desk.tell(story[again].type, story[again].object, id: "evt_\(name)_\(again)")
                try await desk.tell(story[again].type, story[again].object, id: "evt_\(name)_\(again)_twin")
            }
            try #require(try desk.books(of: account, name) == Self.end, "order \(order)")
        }
        #expect(try desk.findings == [])
    }

    @Test("end the same in each of 720 orders, asked for again, whenever they are applied")
    func everyOrderAskedAgain() async throws {
        let desk = try PaymentDesk(asksAgain: true)
        for (number, order) in permutations(of: [0, 1, 2, 4, 5, 6]).enumerated() {
            let name = "q\(number)"
            let account = try desk.debtor(name)
            Self.arrange(desk.fake, name)
            let story = Self.story(name)
            for (place, index) in order.enumerated() {
                try await desk.tell(story[index].type, story[index].object, id: "evt_\(name)_\(index)")
                if place == number % 6 { await desk.settle() }
            }
            await desk.settle()
            try #require(try desk.books(of: account, name) == Self.end, "order \(order)")
        }
        #expect(try desk.findings == [])
    }
}
