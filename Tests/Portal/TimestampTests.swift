import Testing
import Web

@testable import Portal

@Suite("A calendar day")
struct DayTests {
    @Test("is the same after a trip through its date and its text, every day from 1970 to 2200")
    func everyDay() {
        // Counted by the calendar's own rule, beside the arithmetic under test.
        var (year, month, day) = (1970, 1, 1)
        for number in 0...84_370 {
            let found = Day(number: number)
            let text = "\(year)-\(padded(month, to: 2))-\(padded(day, to: 2))"
            guard found.date == (year, month, day), Day(year: year, month: month, day: day) == found,
                found.text == text,
                Day(text) == found, found.month.number == year * 100 + month
            else {
                Issue.record("day \(number) is \(found.text), not \(text)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > lengths[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect((year, month, day) == (2201, 1, 1))
    }

    @Test(
        "is refused when it does not exist, is written otherwise, or lies far away",
        arguments: [
            "2026-02-29", "1900-02-29", "2100-02-29", "2026-04-31", "2026-00-10", "2026-13-01", "2026-01-00",
            "2026-01-32", "1969-12-31",
            "2201-01-01", "0000-01-01", "2026-1-1", "20260101", "2026/01/01", "2026-01-1x", "-026-01-01", "2026-01-01 ",
            " 2026-01-01",
            "２０２６-01-01", "", "2026-01",
        ]
    )
    func refuses(text: String) {
        #expect(Day(text) == nil)
    }

    @Test("knows leap years", arguments: ["2000-02-29", "2024-02-29", "2028-02-29", "2096-02-29"])
    func leap(text: String) {
        #expect(Day(text)?.text == text)
    }

    @Test("before 1970 has a date as well")
    func negative() {
        #expect(Day(number: -1).text == "1969-12-31")
        #expect(Day(year: 1969, month: 12, day: 31).number == -1)
        #expect(Day(number: -25_567).text == "1900-01-01")
    }

    @Test("belongs to a month that knows its successor and its first day")
    func months() {
        var month = Month(year: 1999, month: 11)
        var texts: [String] = []
        for _ in 0..<4 {
            texts.append("\(month.text) \(month.firstDay.text)")
            #expect(month.firstDay.month == month)
            #expect(Day(number: month.next.firstDay.number - 1).month == month)
            month = month.next
        }
        #expect(texts == ["1999-11 1999-11-01", "1999-12 1999-12-01", "2000-01 2000-01-01", "2000-02 2000-02-01"])
    }
}

@Suite("A timestamp")
struct TimestampTests {
    @Test(
        "is read with any offset and written in UTC",
        arguments: [
            ("2026-02-02T10:00:00Z", "2026-02-02T10:00:00Z"), ("2026-02-02 10:00:00Z", "2026-02-02T10:00:00Z"),
            ("2026-02-02T10:00:00+00:00", "2026-02-02T10:00:00Z"),
            ("2026-02-02T10:00:00-00:00", "2026-02-02T10:00:00Z"),
            ("2026-02-02T10:00:00+05:30", "2026-02-02T04:30:00Z"),
            ("2026-02-02T10:00:00-08:00", "2026-02-02T18:00:00Z"),
            ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
            ("2024-02-28T23:00:00-01:00", "2024-02-29T00:00:00Z"),
            ("2026-02-02T10:00:00.5Z", "2026-02-02T10:00:00.500Z"),
            ("2026-02-02T10:00:00.123456789Z", "2026-02-02T10:00:00.123Z"),
            ("2026-02-02T10:00:00.000Z", "2026-02-02T10:00:00Z"), ("2026-02-02T10:00:00.0009Z", "2026-02-02T10:00:00Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"), ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("2200-12-31T23:59:59.999Z", "2200-12-31T23:59:59.999Z"),
            ("1970-01-01T00:30:00-23:59", "1970-01-02T00:29:00Z"),
        ]
    )
    func reads(text: String, written: String) {
        #expect(Timestamp(text)?.text == written)
    }

    @Test(
        "is refused in other forms",
        arguments: [
            "", "2026-02-02", "2026-02-02T10:00:00", "2026-02-02T10:00Z", "2026-02-02T24:00:00Z",
            "2026-02-02T10:60:00Z",
            "2026-02-02T10:00:61Z", "2026-02-30T10:00:00Z", "2026-02-02T10:00:00.Z", "2026-02-02T10:00:00,5Z",
            "2026-02-02T10:00:00.5",
            "2026-02-02T10:00:00+0100", "2026-02-02T10:00:00+1:00", "2026-02-02T10:00:00+24:00",
            "2026-02-02T10:00:00+01:60",
            "2026-02-02T10:00:00+01:00Z", "2026-02-02T10:00:00ZZ", "2026-02-02T10:00:00 Z", "2026-02-02X10:00:00Z",
            "2026-02-02T1:00:00ZZZ", "2026-02-02T-1:00:00Z", "1769968800000", "2026-02-02T10:00:00.5.5Z",
            "２026-02-02T10:00:00Z",
        ]
    )
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(
        "is refused where its offset carries it out of 1970 to 2200",
        arguments: [
            "1970-01-01T00:00:00+00:01", "1970-01-01T10:00:00+23:00", "2200-12-31T23:59:59-00:01",
            "2201-01-01T00:00:00Z",
        ]
    )
    func outside(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("is the same after a trip through its text")
    func roundTrip() {
        var dice = SeededDice(for: "timestamps")
        for _ in 0..<5000 {
            let moment = Timestamp(milliseconds: Int64(dice.roll(0...7_289_000_000_000)))
            #expect(Timestamp(moment.text) == moment, "seed \(dice.seed)")
        }
    }

    @Test("falls on the day and in the month of UTC, also before 1970")
    func days() {
        let midnight = Timestamp(day: Day(year: 2026, month: 3, day: 1))
        #expect(midnight.day.text == "2026-03-01")
        #expect(Timestamp(milliseconds: midnight.milliseconds - 1).day.text == "2026-02-28")
        #expect(Timestamp(milliseconds: midnight.milliseconds - 1).month.number == 202_602)
        #expect(Timestamp(milliseconds: -1).text == "1969-12-31T23:59:59.999Z")
        #expect(midnight.adding(days: -1).adding(seconds: 86_400) == midnight)
    }
}
