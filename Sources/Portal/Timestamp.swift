import Web

/// A moment: milliseconds since 1970-01-01T00:00:00Z. On the wire RFC 3339 in UTC, as `2026-02-02T10:00:00.000Z`.
struct Timestamp: Sendable, Hashable, Comparable {
    let milliseconds: Int64

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    init(day: Day) {
        milliseconds = Int64(day.number) * 86_400_000
    }

    static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    func adding(seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1000)
    }

    func adding(days: Int) -> Timestamp { adding(seconds: Int64(days) * 86_400) }

    var seconds: Int64 { milliseconds / 1000 }
    var day: Day { Day(number: Int(milliseconds.dividedFloor(by: 86_400_000))) }
    var month: Month { day.month }

    /// `2026-02-02T10:00:00Z`, with milliseconds only where there are any.
    var text: String {
        var out: [UInt8] = []
        write(into: &out)
        return String(decoding: out, as: UTF8.self)
    }

    func write(into out: inout [UInt8]) {
        let day = day
        let (year, month, dayOfMonth) = day.date
        let inDay = milliseconds - Int64(day.number) * 86_400_000
        let (seconds, fraction) = (inDay / 1000, inDay % 1000)
        write(Int64(year), 4, into: &out)
        for (mark, number) in [
            (UInt8(ascii: "-"), Int64(month)), (UInt8(ascii: "-"), Int64(dayOfMonth)),
            (UInt8(ascii: "T"), seconds / 3600),
            (UInt8(ascii: ":"), seconds / 60 % 60), (UInt8(ascii: ":"), seconds % 60),
        ] {
            out.append(mark)
            write(number, 2, into: &out)
        }
        if fraction != 0 {
            out.append(UInt8(ascii: "."))
            write(fraction, 3, into: &out)
        }
        out.append(UInt8(ascii: "Z"))
    }

    private func write(_ number: Int64, _ width: Int, into out: inout [UInt8]) {
        var rest = number
        let start = out.count
        for _ in 0..<width {
            out.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        }
        out[start...].reverse()
    }

    /// RFC 3339 with any offset; nil for anything else or for a year outside 1970 to 2200.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "),
            let day = Day(String(decoding: bytes[..<10], as: UTF8.self)),
            let hour = digits(bytes[11..<13]), bytes[13] == UInt8(ascii: ":"),
            let minute = digits(bytes[14..<16]), bytes[16] == UInt8(ascii: ":"),
            let second = digits(bytes[17..<19]), hour < 24, minute < 60, second < 61
        else { return nil }
        var at = 19
        var fraction: Int64 = 0
        if bytes[at] == UInt8(ascii: ".") {
            let end = bytes[(at + 1)...].firstIndex { digits([$0]) == nil } ?? bytes.endIndex
            guard end > at + 1, let parsed = digits(Array((bytes[(at + 1)..<end] + [48, 48, 48]).prefix(3))) else {
                return nil
            }
            (fraction, at) = (parsed, end)
        }
        guard let offset = Self.offsetMinutes(bytes[at...]) else { return nil }
        let inDay = (hour * 3600 + (minute - offset) * 60 + second) * 1000 + fraction
        self.init(milliseconds: Int64(day.number) * 86_400_000 + inDay)
        // The offset may carry a moment of those years out of them.
        guard Day.range.contains(self.day) else { return nil }
    }

    private static func offsetMinutes(_ bytes: ArraySlice<UInt8>) -> Int64? {
        if bytes.elementsEqual("Z".utf8) { return 0 }
        let zone = Array(bytes)
        guard zone.count == 6, zone[3] == UInt8(ascii: ":"), let hours = digits(zone[1..<3]),
            let minutes = digits(zone[4..<6]), hours < 24, minutes < 60
        else { return nil }
        switch zone[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }
}

extension Timestamp: JSONEncoding.Literal {
    func writeJSON(into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        write(into: &out)
        out.append(UInt8(ascii: "\""))
    }
}

extension Timestamp: Codable, Documented {
    static var schema: Schema { .string(min: nil, max: nil, pattern: nil, format: "date-time") }
    static var sample: Timestamp { Timestamp(milliseconds: 0) }

    init(from decoder: any Decoder) throws {
        guard let moment = Timestamp(try decoder.singleValueContainer().decode(String.self)) else {
            throw ValueFault("must be a time such as 2026-02-02T10:00:00Z")
        }
        self = moment
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A moment whose milliseconds are always written, as the clients of the partner program expect them:
/// `2026-02-02T10:00:00.000Z`.
struct PreciseTime: Sendable, Hashable {
    let moment: Timestamp

    init(_ moment: Timestamp) {
        self.moment = moment
    }

    var text: String {
        let text = moment.text
        return moment.milliseconds % 1000 == 0 ? "\(text.dropLast()).000Z" : text
    }
}

extension PreciseTime: Codable, Documented {
    static var schema: Schema { Timestamp.schema }
    static var sample: PreciseTime { PreciseTime(.sample) }

    init(from decoder: any Decoder) throws {
        moment = try Timestamp(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A calendar day in UTC: days since 1970-01-01.
struct Day: Sendable, Hashable, Comparable {
    let number: Int

    /// The days that requests may name.
    static let range = Day(year: 1970, month: 1, day: 1)...Day(year: 2200, month: 12, day: 31)

    static func < (left: Day, right: Day) -> Bool { left.number < right.number }

    init(number: Int) {
        self.number = number
    }

    /// The proleptic Gregorian calendar counted in eras of 400 years that begin in March, so that leap days come last.
    init(year: Int, month: Int, day: Int) {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.dividedFloor(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
    }

    /// `2026-02-02`; nil for other forms, days that do not exist and years outside 1970 to 2200.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]), let day = digits(bytes[8..<10]),
            (1970...2200).contains(year), (1...12).contains(month), day >= 1
        else { return nil }
        self.init(year: Int(year), month: Int(month), day: Int(day))
        guard date.day == Int(day), date.month == Int(month) else { return nil }
    }

    var date: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = shifted.dividedFloor(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    var month: Month {
        let date = date
        return Month(year: date.year, month: date.month)
    }

    var text: String {
        let (year, month, day) = date
        return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
    }
}

extension Day: Codable, Documented {
    static var schema: Schema { .string(min: nil, max: nil, pattern: nil, format: "date") }
    static var sample: Day { Day(number: 0) }

    init(from decoder: any Decoder) throws {
        guard let day = Day(try decoder.singleValueContainer().decode(String.self)) else {
            throw ValueFault("must be a day such as 2026-02-02")
        }
        self = day
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A calendar month in UTC. Its number is `year * 100 + month`, as 202602.
struct Month: Sendable, Hashable, Comparable {
    let number: Int

    static func < (left: Month, right: Month) -> Bool { left.number < right.number }

    init(number: Int) {
        self.number = number
    }

    init(year: Int, month: Int) {
        number = year * 100 + month
    }

    var text: String { "\(padded(number / 100, to: 4))-\(padded(number % 100, to: 2))" }

    var next: Month {
        let (year, month) = (number / 100, number % 100)
        return month == 12 ? Month(year: year + 1, month: 1) : Month(year: year, month: month + 1)
    }

    var previous: Month {
        let (year, month) = (number / 100, number % 100)
        return month == 1 ? Month(year: year - 1, month: 12) : Month(year: year, month: month - 1)
    }

    var firstDay: Day { Day(year: number / 100, month: number % 100, day: 1) }
}

extension BinaryInteger {
    /// Division that rounds down, also below zero.
    func dividedFloor(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}

func padded(_ number: some BinaryInteger, to width: Int) -> String {
    let text = "\(number)"
    return String(repeating: "0", count: max(0, width - text.count)) + text
}

private func digits(_ bytes: some Collection<UInt8>) -> Int64? {
    guard !bytes.isEmpty, bytes.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return bytes.reduce(0) { $0 * 10 + Int64($1 - 48) }
}
