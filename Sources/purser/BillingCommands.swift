import ArgumentParser
import Glibc
import Portal

/// To the terminal at once, beside what the command prints at its end.
private func tell(_ line: String) {
    let text = "\(line)\n"
    write(STDERR_FILENO, text, text.utf8.count)
}

struct BillingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "billing",
        abstract: "Bill what is due.",
        subcommands: [Run.self]
    )

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close every billing period that is due, as the running Purser does each minute."
        )

        @OptionGroup var options: ShellOptions

        @Option(help: "What was due until then, as 2027-01-01T00:00:00Z; without: until now.")
        var until: String?

        func run() throws {
            var (closed, failed) = (0, "[]")
            while true {
                let call = ShellCall("POST", "/control/billing/run", fields: [("until", until)])
                let answer = try options.common.call(call)
                closed += Int(answer.text("closed") ?? "") ?? 0
                failed = answer.text("failed") ?? "[]"
                guard answer.text("has_more") == "true" else { break }
                tell("\(closed) periods closed")
            }
            print(options.json ? #"{"closed":\#(closed),"failed":\#(failed)}"# : "\(closed) periods closed.")
            guard failed == "[]" else {
                throw CommandFault(message: "accounts \(failed) cannot be billed; the log says why")
            }
        }
    }
}

struct ClockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock",
        abstract: "The time of a store that purser clone made: show it, put it forward.",
        subcommands: [Show.self, Advance.self]
    )

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the time that Purser lives by.")

        @OptionGroup var options: ShellOptions

        func run() throws {
            try options.run(ShellCall("POST", "/control/clock/show")) { answer in
                let isTest = answer.text("is_test_clock") == "true"
                return "\(answer.text("now") ?? "")\(isTest ? ", standing still" : "")"
            }
        }
    }

    struct Advance: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a test clock forward; whatever is due on the way happens at its moment."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "How far: 30d, 12h, 4w.")
        var span: String?

        @Option(help: "Until when, as 2027-01-01T00:00:00Z.")
        var to: String?

        func validate() throws {
            guard (span == nil) != (to == nil) else { throw ValidationError("Say how far, or until when.") }
            if let span, Self.seconds(span) == nil { throw ValidationError("\(span) is not like 30d, 12h or 4w.") }
        }

        func run() throws {
            var target = to
            var closed = 0
            while true {
                let seconds = target == nil ? span.flatMap(Self.seconds) : nil
                let answer = try options.common.call(
                    ShellCall(
                        "POST",
                        "/control/clock/advance",
                        fields: [("to", target)],
                        numbers: [("seconds", seconds)]
                    )
                )
                target = answer.text("to")
                closed += Int(answer.text("closed") ?? "") ?? 0
                let failed = answer.text("failed") ?? "[]"
                guard failed == "[]" else {
                    throw CommandFault(message: "stopped, for accounts \(failed) cannot be billed; see the log")
                }
                guard answer.text("now") != target else { break }
                tell("\(answer.text("now") ?? ""): \(closed) periods closed")
            }
            let now = target ?? ""
            print(options.json ? #"{"now":"\#(now)","closed":\#(closed)}"# : "\(now): \(closed) periods closed.")
        }

        static func seconds(_ span: String) -> Int64? {
            let units: [Character: Int64] = ["h": 3600, "d": 86_400, "w": 604_800]
            guard let last = span.last, let unit = units[last], let count = Int64(span.dropLast()), count > 0,
                count <= 40_000
            else { return nil }
            return count * unit
        }
    }
}

struct CloneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone",
        abstract: "Copy the store into FOLDER, to see there what billing is going to do.",
        discussion: """
            A Purser over the copy (STATE=FOLDER purser serve, or any command) lives by a clock that stands still \
            until purser clock advance. It charges, mails and tells nobody anything, whatever its settings are.
            """
    )

    @OptionGroup var options: ShellOptions

    @Flag(name: .customLong("test-clock"), help: "Let the copy live by a clock of its own; there is no other way yet.")
    var testClock = false

    @Argument(help: "A folder without a store in it; it is made if need be, and the running Purser writes it.")
    var folder: String

    @Option(help: "Where its clock stands, as 2027-01-01T00:00:00Z; without: now.")
    var at: String?

    func validate() throws {
        guard testClock else { throw ValidationError("Say --test-clock: a copy must not bill anybody for real.") }
    }

    func run() throws {
        let path = folder.hasPrefix("/") ? folder : "\(Environment.workingFolder)/\(folder)"
        let call = ShellCall("POST", "/control/clone", fields: [("folder", path), ("at", at)])
        try options.run(call) { answer in
            "\(answer.text("folder") ?? path): \(answer.text("bytes") ?? "?") bytes; its clock stands at "
                + "\(answer.text("now") ?? "?"). Next: STATE=\(path) purser clock advance 30d"
        }
    }
}
