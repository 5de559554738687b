import Web

/// The mails that sign-in sends. Tokens stand behind the `#` of a link: what is there reaches no server and no log.
enum SignInLetters {
    static func verifyEmail(_ token: String, name: String, _ settings: Settings) -> Letter {
        Letter(
            subject: "Please confirm your mail address",
            [
                .text("Hello \(name), please confirm that this is your mail address."),
                .link("Confirm the address", url: "\(settings.publicURL)/link.html#verify=\(token)"),
                .text(
                    "The link works once, for \(VerificationMail.hours / 24) days. "
                        + "If you did not sign up, there is nothing to do."
                ),
            ]
        )
    }

    static func resetPassword(_ token: String, name: String, _ settings: Settings) -> Letter {
        Letter(
            subject: "Set a new password",
            [
                .text("Hello \(name), somebody asked for a new password for your account. If it was you, set it here."),
                .link("Set a new password", url: "\(settings.publicURL)/link.html#reset=\(token)"),
                .text(
                    "The link works once, for \(ForgotPassword.minutes) minutes. "
                        + "If it was not you, there is nothing to do: your password is as it was."
                ),
            ]
        )
    }

    static func passwordChanged(_ settings: Settings) -> Letter {
        Letter(
            subject: "Your password was changed",
            [
                .text("The password of your account was changed, and all other sign-ins have ended."),
                .text("If it was not you, set a new one at once, and look at your API keys."),
                .link("Open the sign-in page", url: "\(settings.publicURL)/dashboard.html"),
            ]
        )
    }

    static func secondFactor(_ action: Audit.Action) -> Letter {
        switch action {
        case .secondFactorOff:
            Letter(
                subject: "Your second factor was turned off",
                [
                    .text("From now on your password alone signs you in."),
                    .text("If it was not you, change your password at once and set the second factor up again."),
                ]
            )
        case .recoveryCodesMade:
            Letter(
                subject: "You have new recovery codes",
                [
                    .text("New recovery codes were made for your account. The old ones work no more."),
                    .text("If it was not you, change your password at once."),
                ]
            )
        default:
            Letter(
                subject: "Your second factor was turned on",
                [
                    .text("From now on a sign-in asks for a code of your authenticator."),
                    .text("Keep the recovery codes apart from it: each signs you in once when it is lost."),
                    .text("If it was not you, change your password at once."),
                ]
            )
        }
    }
}
