/// How an invoice's page, PDF and mails write amounts and dates, for readers of English.
enum InvoiceWords {
    /// `1,234.50`, `-500`, `0.500`: with as many decimals as the currency has.
    static func amount(_ cents: Cents, _ currency: Currency) -> String {
        grouped(Money(cents.value, currency).text)
    }

    /// `USD 1,234.50`
    static func money(_ cents: Cents, _ currency: Currency) -> String {
        "\(currency.code.uppercased()) \(amount(cents, currency))"
    }

    static func count(_ number: Int64) -> String { grouped("\(number)") }

    /// `3.00`, `0.0005`: at least as many decimals as the currency has.
    static func price(_ price: UnitPrice, _ currency: Currency) -> String {
        let parts = price.text.split(separator: ".")
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        let zeros = String(repeating: "0", count: max(0, currency.minorDigits - fraction.utf8.count))
        return grouped(fraction.isEmpty && zeros.isEmpty ? String(parts[0]) : "\(parts[0]).\(fraction)\(zeros)")
    }

    /// `14 March 2026`, UTC.
    static func date(_ moment: Timestamp) -> String {
        let (year, month, day) = moment.day.date
        return "\(day) \(months[month - 1]) \(year)"
    }

    /// Days that a period covers; its end is exclusive.
    static func period(_ period: Range<Timestamp>) -> String {
        let last = Timestamp(milliseconds: max(period.lowerBound.milliseconds, period.upperBound.milliseconds - 1))
        let (first, end) = (date(period.lowerBound), date(last))
        return first == end ? first : "\(first) to \(end)"
    }

    /// `19 %`, `8.25 %`, of millionths.
    static func percent(_ millionths: Int64) -> String {
        "\(UnitPrice(micros: millionths.multipliedReportingOverflow(by: 100).partialValue).text) %"
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// With commas between thousands, before the point.
    private static func grouped(_ text: String) -> String {
        let (sign, digits) = text.hasPrefix("-") ? ("-", text.dropFirst()) : ("", text[...])
        let whole = digits.prefix { $0 != "." }
        var out = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index).isMultiple(of: 3) { out.append(",") }
            out.append(digit)
        }
        return sign + out + digits.dropFirst(whole.count)
    }
}
