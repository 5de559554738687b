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
                    ["ID", "KEY", "LABEL", "STATUS", "TEST", "MADE BY", "MADE", "LAST USED", "EXPIRES"],
                    answer.rows(
                        "keys",
                        [
                            "id", "hint", "label", "status", "is_test", "created_by", "created_at", "last_used_at",
                            "expires_at",
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

        @Option(help: "What it may be used for, such as usage:write; may be given again. Without: everything.")
        var scope: [String] = []

        @Flag(help: "A test key, whose use is never billed.")
        var test = false

        @Option(help: "Days until it expires; without: never.")
        var days: Int64?

        func run() throws {
            let call = ShellCall(
                "POST",
                "/control/key/create",
                fields: [("account", account), ("label", label)],
                numbers: [("days", days)],
                flags: [("is_test", test)],
                lists: scope.isEmpty ? [] : [("scopes", scope)]
            )
            try options.run(call) { answer in
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
