import ArgumentParser
import Portal

/// The commands that change one person and need no more than their address.
private func change(_ options: ShellOptions, _ path: String, _ email: String, _ done: String) throws {
    try options.run(ShellCall("POST", path, fields: [("email", email)])) { answer in
        "\(done) Sessions ended: \(answer.text("sessions_ended") ?? "0")."
    }
}

extension UserCommand {
    struct Disable: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a person out: sessions end, no sign-in and no key of theirs works."
        )

        @OptionGroup var options: ShellOptions
        @Argument(help: "Mail address.") var email: String

        func run() throws { try change(options, "/control/user/disable", email, "Disabled.") }
    }

    struct Enable: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a disabled person in again.")

        @OptionGroup var options: ShellOptions
        @Argument(help: "Mail address.") var email: String

        func run() throws { try change(options, "/control/user/enable", email, "Enabled.") }
    }

    struct Promote: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a person an operator of the site.")

        @OptionGroup var options: ShellOptions
        @Argument(help: "Mail address.") var email: String

        func run() throws { try change(options, "/control/user/promote", email, "An operator now.") }
    }

    struct Demote: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a person an operator no more.")

        @OptionGroup var options: ShellOptions
        @Argument(help: "Mail address.") var email: String

        func run() throws { try change(options, "/control/user/demote", email, "An operator no more.") }
    }

    struct EndSessions: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "end-sessions",
            abstract: "Sign a person out everywhere."
        )

        @OptionGroup var options: ShellOptions
        @Argument(help: "Mail address.") var email: String

        func run() throws { try change(options, "/control/user/end-sessions", email, "Signed out.") }
    }

    struct Sessions: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List where a person is signed in.")

        @OptionGroup var options: ShellOptions
        @Argument(help: "Mail address.") var email: String

        func run() throws {
            try options.run(ShellCall("POST", "/control/user/sessions", fields: [("email", email)])) { answer in
                TextTable.text(
                    ["ID", "FROM", "SINCE", "LAST SEEN", "2ND FACTOR", "BROWSER"],
                    answer.rows(
                        "sessions",
                        ["id", "address", "created_at", "last_seen_at", "second_factor", "user_agent"]
                    )
                )
            }
        }
    }

    struct Reset: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a link that sets a new password, once and within half an hour."
        )

        @OptionGroup var options: ShellOptions
        @Argument(help: "Mail address.") var email: String

        @Flag(help: "Mail the link to the person instead.")
        var mail = false

        @Flag(help: "Take the second factor away too, for who has lost device and recovery codes.")
        var secondFactor = false

        func run() throws {
            let call = ShellCall(
                "POST",
                "/control/user/reset",
                fields: [("email", email)],
                flags: [("by_mail", mail), ("remove_second_factor", secondFactor)]
            )
            try options.run(call) { answer in answer.text("link") ?? "A mail is on its way to \(email)." }
        }
    }
}
