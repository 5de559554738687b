import ArgumentParser
import Portal

extension AccountCommand {
    struct Plan: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put an account on another plan.")

        @OptionGroup var options: ShellOptions

        @Argument(help: "Id, or a member's mail address.")
        var account: String

        @Argument(help: "Its code, as purser plan list shows it.")
        var plan: String

        func run() throws {
            let fields = [("account", account), ("plan", plan)]
            try options.run(ShellCall("POST", "/control/account/plan", fields: fields)) { answer in
                "Account \(answer.text("account") ?? "") is on the plan \(answer.text("plan") ?? plan)."
            }
        }
    }

    struct Subscribe: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Subscribe an account to a plan, or change its subscription, at once."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "Id, or a member's mail address.")
        var account: String

        @Argument(help: "The plan's code, as purser plan list shows it.")
        var plan: String

        @Option(help: "week, month or year; without: by the month if that is offered.")
        var interval: String?

        func run() throws {
            let fields = [("account", account), ("plan", plan), ("interval", interval)]
            try options.run(ShellCall("POST", "/control/account/subscribe", fields: fields)) { answer in
                TextTable.text(answer.members(of: "subscription"))
            }
        }
    }

    struct Clock: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a test account's clock forward; whatever is due on the way happens at its moment."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "The account's id.")
        var account: Int64

        @Argument(help: "Until when, as 2027-01-01T00:00:00Z.")
        var now: String

        func run() throws {
            let call = ShellCall(
                "POST",
                "/control/account/clock",
                fields: [("now", now)],
                numbers: [("account_id", account)]
            )
            try options.run(call) { answer in
                "\(answer.text("now") ?? ""): \(answer.text("steps") ?? "?") times something was due."
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
