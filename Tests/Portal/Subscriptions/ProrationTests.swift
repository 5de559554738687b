import Testing

@testable import Portal

@Suite("Proration")
struct ProrationTests {
    /// Each second of a period costs its price's share of it; what was billed and given back is that, within a minor
    /// unit for each line.
    @Test("over any changes comes to what each second costs")
    func brute() async throws {
        var dice = SeededDice(for: "ProrationTests.brute")
        for _ in 0..<12 {
            let begin = Timestamp(day: Day(year: 2026, month: dice.roll(1...12), day: dice.roll(1...28)))
            let desk = try SubscriptionDesk(at: begin.adding(seconds: Int64(dice.roll(0...86_399))))
            let plans = try (0..<4).map { number in
                try desk.plan("plan\(number)", [SubscriptionDesk.fee(Int64(dice.roll(0...100_000)))])
            }
            var current = dice.pick(plans)
            try desk.subscribe(current)
            let period = try require(try desk.live).period
            let length = period.upperBound.seconds - period.lowerBound.seconds
            // In cents times seconds.
            var exact: Int128 = 0
            var since = period.lowerBound
            for _ in 0..<dice.roll(0...6) {
                let clock = try desk.now
                let rest = period.upperBound.seconds - clock.seconds
                guard rest > 2 else { break }
                let moment = clock.adding(seconds: Int64(dice.roll(1...Int(rest - 1))))
                try await desk.advance(to: moment)
                let next = dice.pick(plans)
                guard next.id != current.id else { continue }
                exact += Int128(try current.prices.fee) * Int128(moment.seconds - since.seconds)
                try desk.change(to: next)
                (current, since) = (next, moment)
            }
            exact += Int128(try current.prices.fee) * Int128(period.upperBound.seconds - since.seconds)
            let lines = try desk.invoices.flatMap { $0 }.filter { !$0.description.contains("Added to") }
            let billed = lines.reduce(Int128(0)) { $0 + Int128($1.amount) }
            let difference = billed * Int128(length) - exact
            #expect(difference.magnitude <= UInt128(lines.count) * UInt128(length))
            #expect(try desk.findings == [])
        }
    }

    @Test("prices use under the prices that it was used under")
    func use() async throws {
        let desk = try SubscriptionDesk(at: try require(Timestamp("2026-04-01T00:00:00Z")))
        let cheap = try desk.plan("cheap", [SubscriptionDesk.credits(included: 0, micros: 10_000)])
        let dear = try desk.plan("dear", [SubscriptionDesk.credits(included: 0, micros: 30_000)])
        try desk.subscribe(cheap)
        try desk.use(100)
        try await desk.advance(to: try require(Timestamp("2026-04-10T00:00:00Z")))
        try desk.change(to: dear)
        try desk.use(10)
        try await desk.advance(to: try require(Timestamp("2026-05-01T00:00:00Z")))
        #expect(try desk.invoices.map { $0.map(\.amount) } == [[100], [30]])
        #expect(try desk.findings == [])
    }
}
