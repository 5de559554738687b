import Storage

/// What a month will probably come to.
///
/// Each day that is left is expected to be as the days of its weekday were on average in the last eight weeks, or as
/// all days since the first use while that is less than two weeks ago; what is left of today counts in part. The
/// range holds four of five months if days differ from their averages as they did so far: 1.2816 standard deviations,
/// of the days that are left and of the averages themselves.
struct Forecast: Sendable, Equatable {
    static let historyDays = 56
    /// Weekdays have averages of their own from here on.
    static let weekdayDays = 14
    /// The standard normal distribution's 90th percentile.
    static let spread = 1.2816

    let soFar: Double
    let expected: Double
    let low: Double
    let high: Double
    /// What each day from today on adds, in their order.
    let daily: [Double]

    /// - Parameters:
    ///   - history: what each day before today had; days without any may be left out.
    ///   - soFar: of this month, today included.
    ///   - elapsed: how much of today has passed, 0 to 1.
    init(history: [Day: Double], soFar: Double, today todaysUse: Double, on today: Day, elapsed: Double) {
        self.soFar = soFar
        let first = max(
            today.number - Self.historyDays,
            history.filter { $0.value > 0 && $0.key < today }.keys.map(\.number).min() ?? today.number
        )
        let days = (first..<today.number).map { (weekday: ($0 + 4) % 7, use: history[Day(number: $0)] ?? 0) }
        let left = Array(today.number..<today.month.next.firstDay.number)
        guard !days.isEmpty else {
            // Only today is known: as fast as so far, and anything from nothing more to twice as much.
            let rate = todaysUse / max(elapsed, 1.0 / 24)
            daily = left.map { $0 == today.number ? rate * (1 - elapsed) : rate }
            let more = daily.reduce(0, +)
            (expected, low, high) = (soFar + more, soFar, soFar + 2 * more)
            return
        }
        let byWeekday = days.count >= Self.weekdayDays
        var (sums, counts) = ([Double](repeating: 0, count: 7), [Double](repeating: 0, count: 7))
        for day in days {
            sums[byWeekday ? day.weekday : 0] += day.use
            counts[byWeekday ? day.weekday : 0] += 1
        }
        func mean(_ weekday: Int) -> Double {
            let index = byWeekday ? weekday : 0
            return counts[index] > 0 ? sums[index] / counts[index] : 0
        }
        daily = left.map { $0 == today.number ? mean(($0 + 4) % 7) * (1 - elapsed) : mean(($0 + 4) % 7) }
        let squares = days.reduce(0) { $0 + ($1.use - mean($1.weekday)) * ($1.use - mean($1.weekday)) }
        let variance = squares / Double(max(1, days.count - (byWeekday ? 7 : 1)))
        let ahead = Double(left.count) - elapsed
        let deviation = (variance * (ahead + ahead * ahead / Double(days.count))).squareRoot()
        expected = soFar + daily.reduce(0, +)
        low = max(soFar, expected - Self.spread * deviation)
        high = expected + Self.spread * deviation
    }

    /// The day on which a limit is expected to be reached; nil when the month ends before.
    func day(reaching limit: Double, from today: Day) -> Day? {
        if soFar >= limit { return today }
        var sum = soFar
        for (index, use) in daily.enumerated() {
            sum += use
            if sum >= limit { return Day(number: today.number + index) }
        }
        return nil
    }
}
