import ArgumentParser
import FoundationEssentials
import Portal

struct DunningCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dunning",
        abstract: "What happens to invoices that are not paid, and when.",
        subcommands: [Show.self, Set.self]
    )

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the schedule, as `set` takes it.")

        @OptionGroup var common: CommonOptions

        func run() throws {
            print(try common.call(ShellCall("POST", "/control/dunning/show")).body)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the schedule.",
            discussion: """
                FILE holds JSON such as {"grace_days": 3, "steps": [{"after_days": 0, "do": ["charge"]}, \
                {"after_days": 7, "do": ["charge", "mail"]}, {"after_days": 14, "do": ["restrict"]}]}. Days count from \
                the invoice, for accounts without a card from its due date; what a step takes waits for grace_days \
                after the due date. Actions: charge, mail, restrict, suspend, cancel, write_off.
                """
        )

        @OptionGroup var common: CommonOptions

        @Argument(help: "A file, or - for standard input.")
        var file: String

        func run() throws {
            guard let data = FileManager.default.contents(atPath: file == "-" ? "/dev/stdin" : file) else {
                throw CommandFault(message: "cannot read \(file)")
            }
            let json = String(decoding: data, as: UTF8.self)
            print(try common.call(try ShellCall("POST", "/control/dunning/set", json: json)).body)
        }
    }
}
