import ArgumentParser
import Portal

extension KeyCommand {
    struct Leaked: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke keys that were found in public: one a line on standard input, never as arguments."
        )

        @OptionGroup var common: CommonOptions

        @Option(help: "Where they were found; the owners are told.")
        var source: String?

        func run() throws {
            var keys: [String] = []
            while let line = readLine() {
                if !line.isEmpty { keys.append(line) }
            }
            let answer = try common.call(
                ShellCall("POST", "/control/key/leaked", fields: [("source", source)], lists: [("keys", keys)])
            )
            for hint in answer.texts("revoked") { print("Revoked \(hint); its owners are told.") }
            for hint in answer.texts("revoked_before") { print("\(hint) was revoked before.") }
            let unknown = answer.text("unknown") ?? "0"
            if unknown != "0" { print("\(unknown) of them are no keys of ours.") }
        }
    }
}
