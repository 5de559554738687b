import ArgumentParser
import Portal

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "People who sign in: make, show, change them.",
        subcommands: [
            Create.self, List.self, Show.self, Disable.self, Enable.self, Reset.self, Promote.self, Demote.self,
            Sessions.self, EndSessions.self,
        ]
    )

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a person, with an account of their own or in one there is.",
            discussion: "Without --password-stdin it prints a link, to set a password once within half an hour."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "Mail address.")
        var email: String

        @Option(help: "Name; without it the mail address.")
        var name: String?

        @Flag(name: .customLong("operator"), help: "Make them an operator of the site.")
        var isOperator = false

        @Flag(help: "Read the password from standard input; a terminal is asked without an echo.")
        var passwordStdin = false

        @Option(help: "Plan of the new account; free unless told.")
        var plan: String?

        @Option(help: "Join this account (its id, or a member's address) instead of having a new one.")
        var account: String?

        @Option(help: "Role in that account: owner, admin, developer, billing or viewer.")
        var role: String?

        func run() throws {
            let password = passwordStdin ? try PasswordPrompt.read() : nil
            let call = ShellCall(
                "POST",
                "/control/user/create",
                fields: [
                    ("email", email), ("name", name ?? email), ("password", password), ("plan", plan),
                    ("account", account), ("role", role),
                ],
                flags: [("is_operator", isOperator)]
            )
            try options.run(call) { answer in
                let made = "Made person \(answer.text("id") ?? "") in account \(answer.text("account") ?? "")."
                guard let link = answer.text("link") else { return made }
                return "\(made)\nTo set the password, once and within half an hour:\n\(link)"
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List people by id.")

        @OptionGroup var options: ShellOptions

        @Flag(help: "Only operators of the site.")
        var operators = false

        @Option(help: "Only those after this id.")
        var after: Int64?

        @Option(help: "At most so many, 1000 at most.")
        var limit: Int64?

        func run() throws {
            let call = ShellCall(
                "POST",
                "/control/user/list",
                numbers: [("after", after), ("limit", limit)],
                flags: [("only_operators", operators)]
            )
            try options.run(call) { answer in
                let columns = ["id", "email", "name", "is_operator", "is_disabled", "has_second_factor", "created_at"]
                return TextTable.text(
                    ["ID", "EMAIL", "NAME", "OPERATOR", "DISABLED", "2ND FACTOR", "SINCE"],
                    answer.rows("people", columns)
                )
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a person and their accounts.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "Mail address.")
        var email: String

        func run() throws {
            try options.run(ShellCall("POST", "/control/user/show", fields: [("email", email)])) { answer in
                let accounts = TextTable.text(
                    ["ACCOUNT", "NAME", "ROLE", "PLAN", "STATUS"],
                    answer.rows("accounts", ["id", "name", "role", "plan", "status"])
                )
                let sessions = [(name: "sessions", text: answer.text("sessions") ?? "0")]
                return TextTable.text(answer.members(of: "person") + sessions) + "\n\n" + accounts
            }
        }
    }
}
