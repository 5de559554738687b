import Storage

/// The forecasts of an account's month: each meter, and the bill.
struct MonthForecast: Sendable {
    struct Metered: Sendable {
        let meter: Meter
        let limit: Int64?
        let forecast: Forecast
    }

    /// In dollars; calls past the plan's limit are in it as the plan bills them.
    struct Bill: Sendable {
        let soFar: Dollars
        let expected: Dollars
        let low: Dollars
        let high: Dollars
    }

    let month: Month
    let today: Day
    let meters: [Metered]
    let bill: Bill

    init(account id: Int64, at now: Timestamp, _ app: App, _ db: borrowing Database) throws {
        let today = now.day
        (month, self.today) = (now.month, today)
        let elapsed = Double(now.milliseconds - Timestamp(day: today).milliseconds) / 86_400_000
        let start = min(Day(number: today.number - Forecast.historyDays), now.month.firstDay)
        func forecast(_ days: [Day: Double]) -> Forecast {
            Forecast(
                history: days,
                soFar: days.filter { $0.key >= now.month.firstDay }.values.reduce(0, +),
                today: days[today] ?? 0,
                on: today,
                elapsed: elapsed
            )
        }
        var meters: [Metered] = []
        var costs: [Day: Double] = [:]
        for meter in Meter.allCases where meter != .calls {
            let days = try UsageRollups.byDay(meter, of: id, start...today, db)
            costs.merge(days.mapValues { Double($0.cost.micros) }) { $0 + $1 }
            let limit = try PlanLimits.find(meter, ofAccount: id, db)
            let forecast = forecast(days.mapValues { Double($0.quantity) })
            meters.append(Metered(meter: meter, limit: limit, forecast: forecast))
        }
        let limits = try CallLimits.find(accountID: id, appID: nil, in: now.month, db)
        let calls = forecast(
            try app.dailyCalls(ofAccount: id, since: start, at: now, db).mapValues { Double($0) }
        )
        meters.append(Metered(meter: .calls, limit: limits.plan, forecast: calls))
        self.meters = meters

        let soFar = try UsageRollups.cost(of: now.month, account: id, db)
        let billed = try UsageRollups.month(now.month, .calls, of: id, db).cost
        let uses = forecast(costs)
        func sum(_ use: Double, _ count: Double) -> Dollars {
            let beyond = limits.plan.map { max(0, count - Double($0)) } ?? 0
            // What has been billed stays billed, also where the plan has been changed since.
            let overage = max(Double(billed.micros), beyond * Double(limits.overageMicros ?? 0))
            return Dollars(micros: Int64(clamping: use + overage)).cents.dollars
        }
        bill = Bill(
            soFar: soFar,
            expected: sum(uses.expected, calls.expected),
            low: sum(uses.low, calls.low),
            high: sum(uses.high, calls.high)
        )
    }
}

extension Int64 {
    /// The nearest whole number that there is.
    init(clamping number: Double) {
        self = number.isNaN ? 0 : Int64(exactly: number.rounded()) ?? (number < 0 ? .min : .max)
    }
}
