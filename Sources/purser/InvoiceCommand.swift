import ArgumentParser
import Portal

struct InvoiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invoice",
        abstract: "Invoices: compute one again.",
        subcommands: [Verify.self]
    )

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compute an invoice again from the raw events; exit status 1 where it differs.",
            discussion: "Events are counted and hashed one by one, and priced as they were; nothing added up is read."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "Its number, such as INV-000042.")
        var number: String

        func run() throws {
            let call = ShellCall("POST", "/control/invoice/verify", fields: [("number", number)])
            let answer = try options.run(call) { answer in
                let lines = TextTable.text(
                    ["LINE", "AMOUNT", "EVENTS", "FIRST", "LAST", "DIGEST", "EQUAL", "DESCRIPTION"],
                    answer.rows(
                        "lines",
                        [
                            "position", "amount", "events", "first_event_id", "last_event_id", "digest", "equal",
                            "description",
                        ]
                    )
                )
                let differences = answer.texts("differences")
                let verdict = differences.isEmpty ? "Equal to the last digit." : differences.joined(separator: "\n")
                return "\(lines)\n\(answer.text("total") ?? "") \(answer.text("currency") ?? ""). \(verdict)"
            }
            if !answer.texts("differences").isEmpty { throw ExitCode.failure }
        }
    }
}

struct UsageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Recorded use: put it right.",
        subcommands: [Void.self, Amend.self]
    )

    struct Void: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a use back that should not have been recorded; an invoice that it is on gets a credit note."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "The event's id.")
        var event: Int64

        @Option(help: "Why, for the records.")
        var reason: String

        func run() throws {
            let call = ShellCall(
                "POST",
                "/control/usage/void",
                fields: [("reason", reason)],
                numbers: [("id", event)]
            )
            try options.run(call, UsageCommand.told)
        }
    }

    struct Amend: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a use count another quantity; an invoice that it is on is put right by a note."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "The event's id.")
        var event: Int64

        @Argument(help: "What it is to count.")
        var quantity: Int64

        @Option(help: "Why, for the records.")
        var reason: String

        func run() throws {
            let call = ShellCall(
                "POST",
                "/control/usage/amend",
                fields: [("reason", reason)],
                numbers: [("id", event), ("quantity", quantity)]
            )
            try options.run(call, UsageCommand.told)
        }
    }

    private static func told(_ answer: ShellCall.Answer) -> String {
        TextTable.text(answer.members(of: "event") + [("note", answer.text("note") ?? "none")])
    }
}
