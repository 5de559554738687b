/// The calendar's weeks (from Monday), months or years that a range of days touches.
struct BillingPeriods {
    struct Period: Sendable {
        /// The days of it that are looked at.
        let days: ClosedRange<Day>
        /// Of the whole period.
        let length: Int

        /// - Throws: ``PricingFault``, for no range that ``BillingPeriods`` makes.
        var part: PeriodPart {
            get throws {
                try PeriodPart(seconds: Int64(days.lowerBound.distance(to: days.upperBound) + 1), of: Int64(length))
            }
        }
    }

    static func list(_ interval: PresentPrices.Interval, in days: ClosedRange<Day>) -> [Period] {
        var periods: [Period] = []
        var first = days.lowerBound
        while first <= days.upperBound {
            let (start, next) = bounds(of: first, interval)
            let last = Day(number: min(next.number - 1, days.upperBound.number))
            periods.append(Period(days: first...last, length: next.number - start.number))
            first = next
        }
        return periods
    }

    /// The first day of the period that a day is in, and of the next one.
    private static func bounds(of day: Day, _ interval: PresentPrices.Interval) -> (Day, Day) {
        switch interval {
        case .week:
            // 1970-01-01 was a Thursday.
            let monday = Day(number: (day.number + 3).dividedFloor(by: 7) * 7 - 3)
            return (monday, Day(number: monday.number + 7))
        case .month:
            return (day.month.firstDay, day.month.next.firstDay)
        case .year:
            let year = day.date.year
            return (Day(year: year, month: 1, day: 1), Day(year: year + 1, month: 1, day: 1))
        }
    }
}

extension Day {
    fileprivate func distance(to other: Day) -> Int { other.number - number }
}
