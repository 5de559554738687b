import ArgumentParser
import Portal

struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account",
        abstract: "Change an account.",
        subcommands: [Plan.self, Credit.self]
    )

    struct Plan: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put an account on another plan.")

        @OptionGroup var common: CommonOptions

        @Argument(help: "Mail address of a member.")
        var email: String

        @Argument(help: "free, pro or enterprise.")
        var plan: String

        func run() throws {
            let answer = try common.call(
                ShellCall("POST", "/control/account/plan", fields: [("email", email), ("plan", plan)])
            )
            print("Account \(answer.text("account") ?? "") is on the plan \(answer.text("plan") ?? plan).")
        }
    }

    struct Credit: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give an account credit.")

        @OptionGroup var common: CommonOptions

        @Argument(help: "Mail address of a member.")
        var email: String

        @Argument(help: "Dollars, such as 25.00.")
        var amount: String

        func run() throws {
            let answer = try common.call(
                ShellCall("POST", "/control/account/credit", email: email, amount: amount)
            )
            print("Account \(answer.text("account") ?? "") has \(answer.text("credit") ?? "?") dollars of credit.")
        }
    }
}

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Change an API key.",
        subcommands: [Revoke.self, Leaked.self]
    )

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key, at once.")

        @OptionGroup var common: CommonOptions

        @Argument(help: "The key's id, as api_key_id of POST /auth/validate.")
        var id: Int64

        func run() throws {
            let answer = try common.call(ShellCall("POST", "/control/key/revoke", numbers: [("key_id", id)]))
            print(answer.text("revoked") == "true" ? "Revoked." : "There is no such key that was not revoked before.")
        }
    }
}

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
