import ArgumentParser
import Portal

extension AccountCommand {
    struct Plan: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put an account on another plan.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "Id, or a member's mail address.")
        var account: String

        @Argument(help: "free, pro or enterprise.")
        var plan: String

        func run() throws {
            let fields = [("account", account), ("plan", plan)]
            try options.run(ShellCall("POST", "/control/account/plan", fields: fields)) { answer in
                "Account \(answer.text("account") ?? "") is on the plan \(answer.text("plan") ?? plan)."
            }
        }
    }

    struct Credit: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give an account credit.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "Id, or a member's mail address.")
        var account: String

        @Argument(help: "Dollars, such as 25.00.")
        var amount: String

        func run() throws {
            let fields = [("account", account), ("amount", amount)]
            try options.run(ShellCall("POST", "/control/account/credit", fields: fields)) { answer in
                "Account \(answer.text("account") ?? "") has \(answer.text("credit") ?? "?") dollars of credit."
            }
        }
    }

    struct Suspend: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse an account's keys from now on; its members can sign in and pay."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "Id, or a member's mail address.")
        var account: String

        func run() throws {
            let call = ShellCall("POST", "/control/account/suspend", fields: [("account", account)])
            try options.run(call) { _ in "Suspended." }
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take an account's keys again.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "Id, or a member's mail address.")
        var account: String

        func run() throws {
            let call = ShellCall("POST", "/control/account/resume", fields: [("account", account)])
            try options.run(call) { _ in "Resumed." }
        }
    }
}
