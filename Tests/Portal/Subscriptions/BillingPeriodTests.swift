import Testing

@testable import Portal

/// A calendar that walks day by day: slow, and hard to get wrong.
private struct NaiveCalendar {
    private(set) var (year, month, day) = (1970, 1, 1)

    static func days(in month: Int, of year: Int) -> Int {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    mutating func walk(_ days: Int) {
        for _ in 0..<days {
            day += 1
            guard day > Self.days(in: month, of: year) else { continue }
            (day, month) = (1, month + 1)
            if month > 12 { (month, year) = (1, year + 1) }
        }
    }

    /// The day, so many months later; its month's last where it has no such day.
    func later(months: Int) -> String {
        var (year, month) = (year, month)
        for _ in 0..<months {
            month += 1
            if month > 12 { (month, year) = (1, year + 1) }
        }
        let day = min(day, Self.days(in: month, of: year))
        return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
    }
}

@Suite("A billing period")
struct BillingPeriodTests {
    private func starts(_ anchor: String, _ interval: BillingInterval, _ numbers: ClosedRange<Int64>) throws -> [String]
    {
        let period = BillingPeriod(anchor: try require(Timestamp(anchor)), interval: interval)
        return numbers.map { period.start($0).text }
    }

    @Test("that begins on the 31st ends on each month's last day, and comes back to the 31st")
    func monthEnds() throws {
        let days = try starts("2027-12-31T09:30:15Z", .month, 0...5)
        #expect(
            days == [
                "2027-12-31T09:30:15Z", "2028-01-31T09:30:15Z", "2028-02-29T09:30:15Z", "2028-03-31T09:30:15Z",
                "2028-04-30T09:30:15Z", "2028-05-31T09:30:15Z",
            ]
        )
        #expect(try starts("2026-01-30T00:00:00Z", .month, 1...2) == ["2026-02-28T00:00:00Z", "2026-03-30T00:00:00Z"])
        #expect(try starts("2026-01-29T00:00:00Z", .month, 1...2) == ["2026-02-28T00:00:00Z", "2026-03-29T00:00:00Z"])
    }

    @Test("of a year that begins on 29 February ends on the 28th, but in leap years")
    func leapYears() throws {
        #expect(
            try starts("2096-02-29T23:59:59.999Z", .year, 1...8).map { String($0.prefix(10)) } == [
                "2097-02-28", "2098-02-28", "2099-02-28", "2100-02-28", "2101-02-28", "2102-02-28", "2103-02-28",
                "2104-02-29",
            ]
        )
    }

    @Test("is as a calendar says that is walked day by day")
    func naive() throws {
        var dice = SeededDice(for: "BillingPeriodTests.naive")
        for _ in 0..<2_000 {
            let day = dice.roll(0...40_000)
            let inDay = Int64(dice.roll(0...86_399_999))
            let anchor = Timestamp(milliseconds: Int64(day) * 86_400_000 + inDay)
            var calendar = NaiveCalendar()
            calendar.walk(day)
            let number = dice.roll(0...40)
            let month = BillingPeriod(anchor: anchor, interval: .month).start(Int64(number))
            let year = BillingPeriod(anchor: anchor, interval: .year).start(Int64(number))
            let week = BillingPeriod(anchor: anchor, interval: .week).start(Int64(number))
            #expect(month.day.text == calendar.later(months: number))
            #expect(year.day.text == calendar.later(months: number * 12))
            #expect(week.milliseconds == anchor.milliseconds + Int64(number) * 604_800_000)
            for moment in [month, year] {
                #expect(moment.milliseconds - Timestamp(day: moment.day).milliseconds == inDay)
            }
        }
    }

    @Test("begins where the one before ends, whatever the anchor")
    func seamless() throws {
        var dice = SeededDice(for: "BillingPeriodTests.seamless")
        for _ in 0..<500 {
            let anchor = Timestamp(milliseconds: Int64(dice.roll(0...4_000_000)) * 1_000_003)
            let period = BillingPeriod(anchor: anchor, interval: dice.pick(BillingInterval.allCases))
            for number in 0..<Int64(24) {
                #expect(period.range(number).upperBound == period.range(number + 1).lowerBound)
                #expect(!period.range(number).isEmpty)
            }
        }
    }
}
