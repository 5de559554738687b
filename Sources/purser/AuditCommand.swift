import ArgumentParser
import Portal

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "The log of who did what.",
        subcommands: [Verify.self, List.self]
    )

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the log's chain from its first entry; exit status 1 when it is broken.",
            discussion: "Note the head that it prints somewhere else: --head then finds even a log written anew."
        )

        @OptionGroup var options: ShellOptions

        @Option(help: "The head that an earlier run printed, which must still be in the log.")
        var head: String?

        func run() throws {
            let call = ShellCall("POST", "/control/audit/verify", fields: [("head", head)])
            let answer = try options.run(call) { answer in
                let findings = answer.texts("findings")
                let verdict = findings.isEmpty ? "The audit log is whole." : findings.joined(separator: "\n")
                return "\(answer.text("entries") ?? "0") entries, head \(answer.text("head") ?? "")\n\(verdict)"
            }
            if !answer.texts("findings").isEmpty { throw ExitCode.failure }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List entries, newest first.")

        @OptionGroup var options: ShellOptions

        @Option(help: "Only this account's: its id, or a member's mail address.")
        var account: String?

        @Option(help: "Only this action, such as key.created.")
        var action: String?

        @Option(help: "Only those before the entry of this id.")
        var after: Int64?

        @Option(help: "At most so many, 500 at most.")
        var limit: Int64?

        func run() throws {
            let call = ShellCall(
                "POST",
                "/control/audit/list",
                fields: [("account", account), ("action", action)],
                numbers: [("after", after), ("limit", limit)]
            )
            try options.run(call) { answer in
                TextTable.text(
                    ["ID", "AT", "ACCOUNT", "WHO", "NAME", "DID", "TO", "FROM", "DETAIL"],
                    answer.rows(
                        "entries",
                        ["id", "at", "account", "actor", "actor_name", "action", "target", "address", "detail"]
                    )
                )
            }
        }
    }
}
