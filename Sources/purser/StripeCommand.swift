import ArgumentParser
import Portal

struct StripeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stripe",
        abstract: "Arrange things at Stripe.",
        subcommands: [Setup.self, Reconcile.self, Replay.self]
    )

    struct Setup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Find or create the usage meter and its price; running it twice creates nothing twice."
        )

        @OptionGroup var common: CommonOptions

        @Flag(help: "Also have the events that Purser needs sent to PUBLIC_URL.")
        var webhook = false

        func run() throws {
            let call = ShellCall("POST", "/control/stripe/setup", flags: [("webhook", webhook)])
            let answer = try common.call(call)
            print("meter \(answer.text("meter") ?? "") \(answer.text("meter_created") == "true" ? "created" : "found")")
            print("price \(answer.text("price") ?? "") \(answer.text("price_created") == "true" ? "created" : "found")")
            guard webhook else { return }
            print("webhook \(answer.text("webhook") ?? "")")
            guard let secret = answer.text("webhook_secret"), secret != "null" else { return }
            print("Its secret is shown this once; give it to Purser as STRIPE_WEBHOOK_SECRET:\n\(secret)")
        }
    }

    struct Reconcile: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch events that were missed and compare books with Stripe; exit status 1 when they differ.",
            discussion: "Purser does so by itself each night, and fetches missed events every 15 minutes."
        )

        @OptionGroup var options: ShellOptions

        @Flag(help: "Apply again what can be put right by that.")
        var repair = false

        @Option(help: "How far back to compare: 7 days unless told, 365 at most.")
        var days: Int64?

        func run() throws {
            let call = ShellCall(
                "POST",
                "/control/stripe/reconcile",
                numbers: [("days", days)],
                flags: [("repair", repair)]
            )
            let columns = ["kind", "object", "account", "here", "there", "repair"]
            let answer = try options.run(call) { answer in
                let rows = answer.rows("drift", columns)
                let missed = "\(answer.text("missed") ?? "0") events were missed"
                var compared = "\(answer.text("payments") ?? "0") payments compared, \(missed)"
                let booked = answer.texts("booked")
                if !booked.isEmpty { compared += "; booked: \(booked.joined(separator: ", "))" }
                guard !rows.isEmpty else { return "Books and Stripe agree: \(compared)." }
                return TextTable.text(columns.map { $0.uppercased() }, rows) + "\n\n\(compared)."
            }
            if !answer.rows("drift", columns).isEmpty { throw ExitCode.failure }
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply an event once more; one that never came is fetched. Nothing is posted twice by it."
        )

        @OptionGroup var options: ShellOptions

        @Argument(help: "Its id, as evt_….")
        var event: String

        func run() throws {
            let call = ShellCall("POST", "/control/stripe/replay", fields: [("event", event)])
            try options.run(call) { answer in
                let reason = answer.text("reason").flatMap { $0 == "null" ? nil : ": \($0)" } ?? ""
                return "\(answer.text("event") ?? ""): \(answer.text("status") ?? "")\(reason)"
            }
        }
    }
}
