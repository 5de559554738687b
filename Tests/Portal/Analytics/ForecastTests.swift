import Testing

@testable import Portal

@Suite("A forecast")
struct ForecastTests {
    /// A Tuesday, with 21 days of March after it.
    static let today = Day(year: 2026, month: 3, day: 10)

    private func forecast(
        _ use: (Int) -> Double,
        days: Int,
        today todaysUse: Double = 0,
        elapsed: Double = 0
    ) -> Forecast {
        var history: [Day: Double] = [:]
        for back in 1..<(days + 1) { history[Day(number: Self.today.number - back)] = use(Self.today.number - back) }
        let soFar = history.filter { $0.key.month == Self.today.month }.values.reduce(0, +) + todaysUse
        return Forecast(history: history, soFar: soFar, today: todaysUse, on: Self.today, elapsed: elapsed)
    }

    @Test("of nothing is nothing")
    func nothing() {
        let forecast = Forecast(history: [:], soFar: 0, today: 0, on: Self.today, elapsed: 0.5)
        #expect((forecast.expected, forecast.low, forecast.high) == (0, 0, 0))
        #expect(forecast.day(reaching: 100, from: Self.today) == nil)
    }

    @Test("goes on as evenly as the days before, without a range")
    func even() {
        // Nine days of March are gone, the tenth begins: 31 × 10.
        let forecast = forecast({ _ in 10 }, days: 30)
        #expect(forecast.expected == 310)
        #expect(forecast.low == 310 && forecast.high == 310)
        #expect(forecast.day(reaching: 100, from: Self.today) == Self.today)
        #expect(forecast.day(reaching: 110, from: Self.today) == Day(year: 2026, month: 3, day: 11))
        #expect(forecast.day(reaching: 311, from: Self.today) == nil)
    }

    @Test("knows weekends from workdays after two weeks")
    func weekdays() {
        func use(_ day: Int) -> Double { (day + 4) % 7 == 0 || (day + 4) % 7 == 6 ? 0 : 100 }
        let forecast = forecast(use, days: 56)
        // March 2026 has 22 workdays.
        #expect(abs(forecast.expected - 2200) < 0.001)
        #expect(abs(forecast.high - forecast.low) < 0.001)
    }

    @Test("takes what is left of today in part")
    func partOfToday() {
        let forecast = forecast({ _ in 10 }, days: 30, today: 5, elapsed: 0.5)
        #expect(abs(forecast.expected - 310) < 0.001)
    }

    @Test("begins with the first use, not with the days before it")
    func newcomer() {
        let forecast = forecast({ _ in 10 }, days: 3)
        #expect(abs(forecast.expected - 30 - 22 * 10) < 0.001)
    }

    @Test("from today alone goes on as fast, in a wide range")
    func firstDay() {
        let forecast = Forecast(history: [:], soFar: 12, today: 12, on: Self.today, elapsed: 0.5)
        #expect(abs(forecast.expected - (12 + 12 + 21 * 24)) < 0.001)
        #expect(forecast.low == 12 && forecast.high > forecast.expected)
    }

    @Test("is never below what has been used")
    func floor() {
        let forecast = forecast({ $0 % 9 == 0 ? 1000 : 0 }, days: 9, today: 0)
        #expect(forecast.low >= forecast.soFar)
        #expect(forecast.low <= forecast.expected && forecast.expected <= forecast.high)
    }

    @Test("holds about four of five months of days that differ by chance")
    func range() {
        var dice = SeededDice(for: "forecast ranges")
        var held = 0
        let months = 400
        for _ in 0..<months {
            func use() -> Double { Double(dice.roll(0...200)) }
            var history: [Day: Double] = [:]
            for back in 1...56 { history[Day(number: Self.today.number - back)] = use() }
            let soFar = history.filter { $0.key.month == Self.today.month }.values.reduce(0, +)
            let forecast = Forecast(history: history, soFar: soFar, today: 0, on: Self.today, elapsed: 0)
            let total = soFar + (0..<22).reduce(0.0) { sum, _ in sum + use() }
            if (forecast.low...forecast.high).contains(total) { held += 1 }
        }
        #expect((0.70...0.92).contains(Double(held) / Double(months)), "seed \(dice.seed): \(held)")
    }
}
