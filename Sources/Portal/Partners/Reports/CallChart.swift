import Storage
import Web

/// Calls by day, a line for each app.
struct CallChart: Codable, Sendable {
    let data: [Row]
    let apps: [AppLabel]

    /// A day: its `name`, its `date`, and the calls of each app under that app's name.
    struct Row: Sendable {
        let name: String
        let date: String
        let calls: [(app: String, count: Int64)]
    }

    /// - Parameter days: up to 30 are named by the weekday, more by the date.
    init(of scope: ReportScope, _ days: ClosedRange<Day>, _ db: borrowing Database) throws {
        let counts = try CallReport.daily(of: scope.accountID, days, db)
        let labels = Self.labels(of: scope.shown)
        let numbers = days.lowerBound.number...days.upperBound.number
        apps = labels
        data = numbers.map { number in
            let day = Day(number: number)
            return Row(
                name: numbers.count <= 30 ? day.shortWeekday : day.shortText,
                date: day.text,
                calls: zip(scope.shown, labels).map { ($1.name, counts[$0.id]?[day] ?? 0) }
            )
        }
    }

    /// Names are members of the rows, so no two may be the same, nor one of the rows' own.
    private static func labels(of apps: [CustomerApp]) -> [AppLabel] {
        var taken: Set = ["name", "date"]
        return apps.map { app in
            let isFree = taken.insert(app.name).inserted
            return AppLabel(id: app.publicID, name: isFree ? app.name : "\(app.name) (\(app.publicID))")
        }
    }
}

extension CallChart.Row: Codable, Documented {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Whose other members are integers, by the names of the apps.
    static var schema: Schema {
        .object([
            .init("name", String.schema, isRequired: true),
            .init("date", Day.schema, isRequired: true),
        ])
    }
    static var sample: Self { Self(name: "", date: "", calls: []) }

    /// Only the probe of schemas asks.
    init(from decoder: any Decoder) throws { self = .sample }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: Key(stringValue: "name"))
        try container.encode(date, forKey: Key(stringValue: "date"))
        for (app, count) in calls { try container.encode(count, forKey: Key(stringValue: app)) }
    }
}

extension Day {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Mon`. 1970 began with a Thursday.
    var shortWeekday: String { Self.weekdays[(number + 4) - (number + 4).dividedFloor(by: 7) * 7] }

    /// `Jan 5`.
    var shortText: String {
        let date = date
        return "\(Self.months[date.month - 1]) \(date.day)"
    }
}
