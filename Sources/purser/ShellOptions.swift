import ArgumentParser
import Portal

/// What every command takes that asks for something and shows the answer.
struct ShellOptions: ParsableArguments {
    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    /// Sends a command and prints the answer: as it is with `--json`, else as `text` tells it.
    @discardableResult
    func run(_ call: ShellCall, _ text: (ShellCall.Answer) -> String) throws -> ShellCall.Answer {
        let answer = try common.call(call)
        print(json ? answer.body : text(answer))
        return answer
    }
}

/// Rows in columns as wide as they need.
enum TextTable {
    static func text(_ titles: [String], _ rows: [[String]]) -> String {
        let lines = [titles] + rows.map { row in row.map(printable) }
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return trimmed(cells.joined(separator: "  "))
        }.joined(separator: "\n")
    }

    /// Names and values below each other.
    static func text(_ members: [(name: String, text: String)]) -> String {
        let width = members.map(\.name.count).max() ?? 0
        return members.map { member in
            let name = member.name + String(repeating: " ", count: width - member.name.count)
            return trimmed("\(name)  \(printable(member.text))")
        }.joined(separator: "\n")
    }

    /// Strangers choose names; one must not move the cursor of a sysadmin's terminal.
    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
