/// A moment as mails write it: `Sat, 21 Nov 2026 13:45:03 +0000` (RFC 5322, section 3.3).
enum MailDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// - Parameter seconds: since 1970, UTC; what lies before counts as 1970, what lies beyond 9999 as its last second.
    static func text(_ seconds: Int64) -> String {
        let seconds = Int(min(max(0, seconds), 253_402_300_799))
        let (day, clock) = (seconds / 86_400, seconds % 86_400)
        let (year, month, dayOfMonth) = date(day)
        let time = [clock / 3600, clock / 60 % 60, clock % 60].map(twoDigits).joined(separator: ":")
        return "\(days[day % 7]), \(twoDigits(dayOfMonth)) \(months[month - 1]) \(year) \(time) +0000"
    }

    /// The Gregorian date so many days after 1970-01-01: years are counted from March, so that the leap day ends them.
    private static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let day = day + 719_468
        let dayOfEra = day % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = day / 146_097 * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
