import ArgumentParser
import Portal

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "API keys: list, make, revoke them.",
        subcommands: [List.self, Show.self, Create.self, Revoke.self, Leaked.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List an account's keys, revoked ones too.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "The account's id, or a member's mail address.")
        var account: String

        func run() throws {
            try options.run(ShellCall("POST", "/control/key/list", fields: [("account", account)])) { answer in
                TextTable.text(
                    ["ID", "KEY", "LABEL", "MADE BY", "MADE", "LAST USED", "EXPIRES", "REVOKED"],
                    answer.rows(
                        "keys",
                        [
                            "id", "hint", "label", "created_by", "created_at", "last_used_at", "expires_at",
                            "revoked_at",
                        ]
                    )
                )
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is known of a key.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "The key's id.")
        var id: Int64

        func run() throws {
            try options.run(ShellCall("POST", "/control/key/show", numbers: [("key_id", id)])) { answer in
                TextTable.text(answer.members(of: "key"))
            }
        }
    }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it; it is not shown again."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "The account's id, or a member's mail address.")
        var account: String

        @Option(help: "What lists call it.")
        var label = "Made by an operator"

        func run() throws {
            let fields = [("account", account), ("label", label)]
            try options.run(ShellCall("POST", "/control/key/create", fields: fields)) { answer in
                answer.text("api_key") ?? ""
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key, at once.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "The key's id, as `purser key list` shows it.")
        var id: Int64

        func run() throws {
            try options.run(ShellCall("POST", "/control/key/revoke", numbers: [("key_id", id)])) { answer in
                let isRevoked = answer.text("revoked") == "true"
                return isRevoked ? "Revoked." : "There is no such key that was not revoked before."
            }
        }
    }
}
