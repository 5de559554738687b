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
                guard place == 1 + number % 6 else { continue }
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

    @Test("end the same in each of 720 orders where it was taken by hand at the provider, by no page")
    func everyOrderTakenByHand() async throws {
        let desk = try PaymentDesk(asksAgain: true)
        for (number, order) in permutations(of: [1, 2, 3, 4, 5, 6]).enumerated() {
            let name = "h\(number)"
            let account = try desk.debtor(name)
            Self.arrange(desk.fake, name)
            desk.fake.put(list: "/v1/checkout/sessions?payment_intent=pi_\(name)")
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

    @Test("of a payment taken by hand are booked in the account's currency and our key's mode alone")
    func takenByHand() async throws {
        let desk = try PaymentDesk(asksAgain: true)
        let account = try desk.debtor("ada")
        let refused: [(name: String, object: String)] = [
            ("foreign", PaymentDesk.intent("foreign", of: "stranger")),
            ("euros", PaymentDesk.intent("euros", of: "ada", currency: "eur")),
            ("waits", PaymentDesk.intent("waits", of: "ada", status: "processing")),
            ("live", PaymentDesk.intent("live", of: "ada", isLive: true)),
        ]
        let (now, links) = (UnitStore.noon, Books.links)
        for (name, object) in refused + [("ours", PaymentDesk.intent("ours", of: "ada"))] {
            let told = FakeStripe.json(object)
            let found = StripeLookUp.Found(about: .intent, object: told, hasNoPage: true)
            let outcomes = try await desk.unit.store.write { db in
                let effects = StripeEffects(now: now, links: links, isLive: false)
                // An event's word is not enough; and what is booked is booked once.
                return [
                    try effects.apply(told, about: .intent, type: "", db),
                    try effects.apply(found, type: "", db), try effects.apply(found, type: "", db),
                ]
            }
            let isBooked = name == "ours"
            #expect(outcomes.map { $0 == .applied } == [false, isBooked, isBooked], "\(name)")
        }
        let payments = try desk.unit.store.read { db in
            try Payments.list(since: Timestamp(milliseconds: 0), after: 0, limit: 10, db).map(\.providerID)
        }
        #expect(payments == ["pi_ours"])
        #expect(try desk.books(of: account, "ours").contains("invoice paid"))
        #expect(try desk.findings == [])
    }

    @Test("wait for its page where one began it that does not say yet that it is paid")
    func unfinishedPage() async throws {
        let desk = try PaymentDesk(asksAgain: true)
        let account = try desk.debtor("eve")
        Self.arrange(desk.fake, "eve")
        let session = PaymentDesk.session("eve")
        let open = session.replacing(#""payment_status":"paid""#, with: #""payment_status":"unpaid""#)
        desk.fake.put(list: "/v1/checkout/sessions?payment_intent=pi_eve", open)
        try await desk.tell("payment_intent.succeeded", PaymentDesk.intent("eve"), id: "evt_1")
        await desk.settle()
        #expect(try desk.books(of: account, "eve").last == "no payment")
    }

    /// Objects on their way: whatever is told last, in the end the provider has told of each of these.
    private static func stages(_ name: String, _ dice: inout SeededDice) -> [Told] {
        var told: [Told] = [("checkout.session.completed", PaymentDesk.session(name))]
        for number in 1...3 {
            let cents = Int64(dice.roll(1...1200))
            let ladder = ["pending", "succeeded", "failed"].prefix(dice.roll(1...3))
            for status in ladder {
                told.append(("refund.updated", PaymentDesk.refund(name, cents, status, number: number)))
            }
        }
        let ends = [["needs_response"], ["needs_response", "won"], ["under_review", "lost"], ["warning_closed"]]
        for status in dice.pick(ends) {
            told.append(("charge.dispute.updated", PaymentDesk.dispute(name, 1400, status)))
        }
        return told
    }

    @Test("end the same in any order, whatever refunds and disputes came of it, with sound books at each step")
    func anyStory() async throws {
        var dice = SeededDice(for: "anyStory")
        let desk = try PaymentDesk(asksAgain: false)
        try desk.tax(190_000)
        var wereNoted = false
        for round in 0..<40 {
            var ends: [[String]] = []
            let before = dice
            for order in 0..<4 {
                // The same story each time, under another name.
                dice = before
                let name = "r\(round)o\(order)"
                var told = Self.stages(name, &dice)
                for _ in 0..<order { told.shuffle(using: &dice) }
                let account = try desk.debtor(name)
                for (place, one) in told.enumerated() {
                    try await desk.tell(one.type, one.object, id: "evt_\(name)_\(place)")
                    wereNoted = try wereNoted || desk.hasNote(account)
                }
                ends.append(try desk.books(of: account, name))
            }
            #expect(ends.allSatisfy { $0 == ends[0] }, "round \(round)")
            #expect(try desk.findings == [])
            _ = dice.next()
        }
        #expect(wereNoted)
    }
}
