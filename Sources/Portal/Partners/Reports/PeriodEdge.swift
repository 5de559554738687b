import Web

/// Where a report's period begins or ends, as clients write it: a day in UTC, of which all is meant, or a moment.
enum PeriodEdge: Sendable, Equatable {
    case day(Day)
    case moment(Timestamp)

    init?(_ text: String) {
        if let day = Day(text) {
            self = .day(day)
        } else if let moment = Timestamp(text) {
            self = .moment(moment)
        } else {
            return nil
        }
    }

    var day: Day {
        switch self {
        case .day(let day): day
        case .moment(let moment): moment.day
        }
    }

    /// The first millisecond of a period that begins here.
    var begin: Timestamp {
        switch self {
        case .day(let day): Timestamp(day: day)
        case .moment(let moment): moment
        }
    }

    /// The first millisecond after a period that ends here.
    var end: Timestamp {
        switch self {
        case .day(let day): Timestamp(day: Day(number: day.number + 1))
        case .moment(let moment): Timestamp(milliseconds: moment.milliseconds + 1)
        }
    }
}

extension PeriodEdge: Codable, Documented {
    static var schema: Schema { .string(min: nil, max: nil, pattern: nil, format: nil) }
    static var sample: PeriodEdge { .day(.sample) }

    init(from decoder: any Decoder) throws {
        guard let edge = PeriodEdge(try decoder.singleValueContainer().decode(String.self)) else {
            throw ValueFault("must be a day such as 2026-02-02 or a time such as 2026-02-02T10:00:00Z")
        }
        self = edge
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .day(let day): try container.encode(day.text)
        case .moment(let moment): try container.encode(moment.text)
        }
    }
}
