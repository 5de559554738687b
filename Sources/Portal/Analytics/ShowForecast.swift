import Web

/// `GET /api/v1/analytics/forecast`: what this month's usage and bill will probably come to, with a range that holds
/// four months of five. ``Forecast`` says how.
struct ShowForecast: Endpoint {
    struct Metered: Codable, Sendable {
        let meter: String
        let used: Int64
        let expected: Int64
        let low: Int64
        let high: Int64
        /// Null: none.
        let limit: Nullable<Int64>
        /// The day on which the limit is expected to be reached; null: not this month.
        let limitReachedOn: Nullable<Day>

        enum CodingKeys: String, CodingKey {
            case meter, used, expected, low, high, limit
            case limitReachedOn = "limit_reached_on"
        }

        init(_ metered: MonthForecast.Metered, from today: Day) {
            let forecast = metered.forecast
            (meter, limit) = (metered.meter.rawValue, Nullable(metered.limit))
            used = Int64(clamping: forecast.soFar)
            expected = Int64(clamping: forecast.expected)
            low = Int64(clamping: forecast.low)
            high = Int64(clamping: forecast.high)
            limitReachedOn = Nullable(metered.limit.flatMap { forecast.day(reaching: Double($0), from: today) })
        }
    }

    struct Bill: Codable, Sendable {
        let soFar: Dollars
        let expected: Dollars
        let low: Dollars
        let high: Dollars
        let currency: String

        enum CodingKeys: String, CodingKey {
            case expected, low, high, currency
            case soFar = "so_far"
        }
    }

    struct Answer: JSONOutput {
        /// As `2026-02`.
        let month: String
        let asOf: Timestamp
        let meters: [Metered]
        let bill: Bill

        enum CodingKeys: String, CodingKey {
            case month, meters, bill
            case asOf = "as_of"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let forecast = try app.store.read { db in try MonthForecast(account: accountID, at: now, app, db) }
        let bill = forecast.bill
        return Answer(
            month: forecast.month.text,
            asOf: now,
            meters: forecast.meters.map { Metered($0, from: forecast.today) },
            bill: Bill(
                soFar: bill.soFar.cents.dollars,
                expected: bill.expected,
                low: bill.low,
                high: bill.high,
                currency: "usd"
            )
        )
    }
}

/// `GET /api/v1/analytics/forecast.csv`: the same as a file.
struct ExportForecast: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> CSVFile {
        let answer = try await ShowForecast.handle(input, by: caller, in: app)
        return CSVFile("forecast-\(answer.month).csv") { write in
            try write(CSV.line(["what", "so_far", "expected", "low", "high", "limit", "limit_reached_on"]))
            for meter in answer.meters {
                let figures = [meter.used, meter.expected, meter.low, meter.high].map { "\($0)" }
                let limit = [meter.limit.value.map { "\($0)" } ?? "", meter.limitReachedOn.value?.text ?? ""]
                try write(CSV.line([meter.meter] + figures + limit))
            }
            let bill = [answer.bill.soFar, answer.bill.expected, answer.bill.low, answer.bill.high].map(\.text)
            try write(CSV.line(["bill_usd"] + bill + ["", ""]))
        }
    }
}
