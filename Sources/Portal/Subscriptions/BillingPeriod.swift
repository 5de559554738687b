/// The periods that a subscription is billed by: each begins where the one before ends, at the anchor's time of day,
/// in UTC.
///
/// They are counted from the anchor, not from each other: a month that began on the 31st ends on 28 February, and the
/// next one on 31 March again.
struct BillingPeriod: Sendable, Equatable {
    let anchor: Timestamp
    let interval: BillingInterval

    /// The period with this number; the first, which begins at the anchor, has 0.
    func range(_ number: Int64) -> Range<Timestamp> { start(number)..<start(number + 1) }

    /// When the period with this number begins.
    func start(_ number: Int64) -> Timestamp {
        // Some thousand years: a number that is wrong must not end the process.
        let number = min(max(number, -100_000), 100_000)
        switch interval {
        case .week: return anchor.adding(days: Int(number) * 7)
        case .month: return adding(months: Int(number))
        case .year: return adding(months: Int(number) * 12)
        }
    }

    /// The anchor's day in a later month, or that month's last where it has no such day.
    private func adding(months: Int) -> Timestamp {
        let (year, month, day) = anchor.day.date
        let first = Month(adding: months, toYear: year, month: month).firstDay
        let last = Month(adding: months + 1, toYear: year, month: month).firstDay.number - first.number
        let wanted = Day(number: first.number + min(day, last) - 1)
        let inDay = anchor.milliseconds - Timestamp(day: anchor.day).milliseconds
        return Timestamp(milliseconds: Timestamp(day: wanted).milliseconds + inDay)
    }
}

extension Month {
    fileprivate init(adding months: Int, toYear year: Int, month: Int) {
        let index = year * 12 + month - 1 + months
        let year = index.dividedFloor(by: 12)
        self.init(year: year, month: index - year * 12 + 1)
    }
}

extension Range<Timestamp> {
    /// How much of a period comes after a moment, or before it.
    /// - Throws: ``PricingFault`` where the moment lies outside.
    func part(from moment: Timestamp) throws -> PeriodPart { try part(moment..<upperBound) }

    /// - Throws: ``PricingFault`` for a part that lies outside.
    func part(_ part: Range<Timestamp>) throws -> PeriodPart {
        try PeriodPart(
            seconds: part.upperBound.seconds - part.lowerBound.seconds,
            of: upperBound.seconds - lowerBound.seconds
        )
    }
}
