import ArgumentParser
import Portal

struct StripeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stripe",
        abstract: "Arrange things at Stripe.",
        subcommands: [Setup.self]
    )

    struct Setup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find or create the usage meter and its price; running it twice creates nothing twice."
        )

        @OptionGroup var common: CommonOptions

        func run() throws {
            let answer = try common.call(ShellCall("POST", "/control/stripe/setup"))
            print("meter \(answer.text("meter") ?? "") \(answer.text("meter_created") == "true" ? "created" : "found")")
            print("price \(answer.text("price") ?? "") \(answer.text("price_created") == "true" ? "created" : "found")")
        }
    }
}
