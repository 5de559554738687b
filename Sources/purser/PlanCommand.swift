import ArgumentParser
import Portal

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Plans and what they ask for: list, make, price, archive them.",
        subcommands: [List.self, Show.self, Create.self, Change.self, Price.self, Archive.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List plans, archived ones too.")

        @OptionGroup var options: ShellOptions

        func run() throws {
            try options.run(ShellCall("POST", "/control/plan/list")) { answer in
                TextTable.text(
                    ["CODE", "NAME", "FAMILY", "TRIAL DAYS", "ARCHIVED"],
                    answer.rows("data", ["code", "name", "family", "trial_days", "archived_at"])
                )
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a plan, with all prices that it had and is going to have."
        )

        @OptionGroup var options: ShellOptions
        @Argument(help: "The plan's code.") var code: String

        func run() throws {
            try options.run(ShellCall("POST", "/control/plan/show", fields: [("code", code)])) { answer in
                TextTable.text(answer.members(of: "plan"))
            }
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a plan from JSON, in a file or on standard input.",
            discussion: """
                {"code": "team", "name": "Team", "limits": [{"subject": "calls", "quantity": 100000}],
                 "prices": [{"interval": "month", "prices": {"currency": "usd",
                   "items": [{"name": "base", "model": "flat", "amount": 49}]}}]}
                """
        )

        @OptionGroup var options: ShellOptions
        @Argument(help: "A file; - or nothing: standard input.") var file = "-"

        func run() throws {
            try options.run(try ShellCall("POST", "/control/plan/create", json: try JSONText.read(file))) { answer in
                "Made the plan \(answer.text("code") ?? "")."
            }
        }
    }

    struct Change: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what JSON names of a plan: name, description, features, trial_days, limits, …"
        )

        @OptionGroup var options: ShellOptions
        @Argument(help: "The plan's code.") var code: String
        @Argument(help: "A file; - or nothing: standard input.") var file = "-"

        func run() throws {
            let json = try JSONText.read(file)
            try options.run(try ShellCall("POST", "/control/plan/change", json: json, fields: [("code", code)])) { _ in
                "Changed."
            }
        }
    }

    struct Price: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set what a plan asks for from a moment on; earlier prices stay as they were.",
            discussion: """
                {"currency": "usd", "items": [{"name": "base", "model": "flat", "amount": 59}]}
                Who is subscribed pays it from the next period on.
                """
        )

        @OptionGroup var options: ShellOptions
        @Argument(help: "The plan's code.") var code: String
        @Argument(help: "A file with the prices; - or nothing: standard input.") var file = "-"
        @Option(help: "week, month or year.") var interval = "month"
        @Option(help: "From when, as 2027-01-01T00:00:00Z; without: now.") var from: String?

        func run() throws {
            let call = try ShellCall(
                "POST",
                "/control/plan/price",
                json: try JSONText.read(file),
                as: "prices",
                fields: [("code", code), ("interval", interval), ("effective_from", from)]
            )
            try options.run(call) { answer in
                "In force from \(answer.text("effective_from") ?? ""): \(answer.text("amount") ?? "") "
                    + "\(answer.text("currency") ?? "") a \(answer.text("interval") ?? ""), and what is used."
            }
        }
    }

    struct Archive: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Offer a plan no longer; who has it keeps it.",
            discussion: "With --undo it is offered again."
        )

        @OptionGroup var options: ShellOptions
        @Argument(help: "The plan's code.") var code: String
        @Flag(help: "Offer it again.") var undo = false

        func run() throws {
            let json = undo ? #"{"archived": false}"# : #"{"archived": true}"#
            try options.run(try ShellCall("POST", "/control/plan/change", json: json, fields: [("code", code)])) { _ in
                undo ? "Offered again." : "Archived."
            }
        }
    }
}
