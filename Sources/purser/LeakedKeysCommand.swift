import ArgumentParser
import Portal

extension KeyCommand {
    struct Leaked: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke keys that were found in public: one a line on standard input, never as arguments."
        )

        @OptionGroup var options: ShellOptions

        @Option(help: "Where they were found; the owners are told.")
        var source: String?

        func run() throws {
            var keys: [String] = []
            while let line = readLine() {
                if !line.isEmpty { keys.append(line) }
            }
            let call = ShellCall(
                "POST",
                "/control/key/leaked",
                fields: [("source", source)],
                lists: [("keys", keys)]
            )
            try options.run(call) { answer in
                let unknown = answer.text("unknown") ?? "0"
                let lines =
                    answer.texts("revoked").map { "Revoked \($0); its owners are told." }
                    + answer.texts("revoked_before").map { "\($0) was revoked before." }
                    + (unknown == "0" ? [] : ["\(unknown) of them are no keys of ours."])
                return lines.joined(separator: "\n")
            }
        }
    }
}
