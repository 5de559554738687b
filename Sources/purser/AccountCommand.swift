import ArgumentParser
import Portal

struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Accounts: show, make, change them.",
        discussion: "ACCOUNT is an id, or the mail address of a member who has no other account.",
        subcommands: [
            List.self, Show.self, Create.self, Plan.self, Subscribe.self, Clock.self, Credit.self, Members.self,
            Suspend.self, Resume.self,
        ]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List accounts by id.")

        @OptionGroup var options: ShellOptions

        @Option(help: "Only those after this id.")
        var after: Int64?

        @Option(help: "At most so many, 1000 at most.")
        var limit: Int64?

        func run() throws {
            let call = ShellCall("POST", "/control/account/list", numbers: [("after", after), ("limit", limit)])
            try options.run(call) { answer in
                TextTable.text(
                    ["ID", "NAME", "PLAN", "STATUS", "SINCE"],
                    answer.rows("accounts", ["id", "name", "plan", "status", "created_at"])
                )
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show an account, its money and its members.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "Id, or a member's mail address.")
        var account: String

        func run() throws {
            try options.run(ShellCall("POST", "/control/account/show", fields: [("account", account)])) { answer in
                let money = ["credit", "owed"].map { (name: $0, text: answer.text($0) ?? "") }
                return TextTable.text(answer.members(of: "account") + money) + "\n\n" + Members.table(answer)
            }
        }
    }

    struct Members: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List who belongs to an account.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "Id, or a member's mail address.")
        var account: String

        func run() throws {
            let call = ShellCall("POST", "/control/account/show", fields: [("account", account)])
            try options.run(call, Self.table)
        }

        static func table(_ answer: ShellCall.Answer) -> String {
            TextTable.text(
                ["PERSON", "EMAIL", "NAME", "ROLE", "SINCE"],
                answer.rows("members", ["id", "email", "name", "role", "joined_at"])
            )
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make another account for a person there is.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "Mail address of its owner.")
        var owner: String

        @Option(help: "Its plan; free unless told.")
        var plan: String?

        @Option(help: "A time of its own, as 2027-01-01T00:00:00Z, to try out billing: see purser account clock.")
        var testClock: String?

        func run() throws {
            let fields = [("name", name), ("owner", owner), ("plan", plan), ("test_clock", testClock)]
            try options.run(ShellCall("POST", "/control/account/create", fields: fields)) { answer in
                "Made account \(answer.text("account") ?? "") on the plan \(answer.text("plan") ?? "")."
            }
        }
    }
}
