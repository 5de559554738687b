/// One knob: what the settings file, the environment, the README's table and `purser check` know of it.
struct Setting: Sendable {
    let name: String
    let fallback: String
    let about: String
    /// Masked wherever settings are shown; also read from a credential file of the lower-case name.
    var isSecret = false

    init(_ name: String, _ fallback: String, _ about: String, isSecret: Bool = false) {
        (self.name, self.fallback, self.about, self.isSecret) = (name, fallback, about, isSecret)
    }
}

extension Setting {
    static let all: [Setting] = [
        Setting("STATE", "/var/lib/purser", "Folder of the database, the lock and the control socket."),
        Setting("SOCKET", "", "FastCGI socket to bind when systemd passes none; empty: STATE/purser.sock."),
        Setting("SOCKET_GROUP", "", "Group that may connect to SOCKET, such as www-data; empty: our own."),
        Setting("ALLOWED_UIDS", "", "User ids that may connect, comma-separated; empty: whoever can open the socket."),
        Setting("PUBLIC_URL", "http://127.0.0.1:8080", "Address of the site, without a slash at the end."),
        Setting("WORKERS", "0", "Worker threads, at most 64; 0: as many as processors, at least 2."),
        Setting("DEV_MODE", "off", "on: keys beginning <KEY_PREFIX>_dev_ get fixed demonstration data."),
        Setting("KEY_PREFIX", "bioql", "What issued API keys begin with: 2 to 16 lower-case letters or digits."),
        Setting("KEY_PEPPER", "", "Secret under which keys are hashed; empty: made once in STATE.", isSecret: true),
        Setting("OPENING_CREDIT", "10.00", "Credit of a new account, in dollars."),
        Setting("INVOICE_THRESHOLD", "3000.00", "Unpaid usage at which an invoice is raised by itself, in dollars."),
        Setting("CONVERSION_VALUE", "45.00", "What the partner program counts a conversion as, in dollars of revenue."),
        Setting("PAYMENTS", "auto", "auto: on when STRIPE_SECRET_KEY is given; off: never."),
        Setting("REWARD_HOLD_DAYS", "30", "Days before the partner program's rewards are due; 0: at once."),
        Setting("STRIPE_SECRET_KEY", "", "Stripe's API key, sk_live_… or sk_test_….", isSecret: true),
        Setting("STRIPE_WEBHOOK_SECRET", "", "Webhook signing secrets, comma-separated, newest first.", isSecret: true),
        Setting("STRIPE_API_BASE", "https://api.stripe.com", "Where Stripe's API is."),
        Setting("STRIPE_CA_FILE", "", "Certificates to trust for STRIPE_API_BASE; empty: the system's."),
        Setting("PAYMENT_PRODUCT", "BioQL Quantum Computing Usage", "The line on the checkout page."),
        Setting("PAYMENT_SUCCESS_URL", "", "After a payment; empty: PUBLIC_URL/dashboard.html?payment=success."),
        Setting("PAYMENT_CANCEL_URL", "", "After a cancelled one; empty: PUBLIC_URL/dashboard.html?payment=cancel."),
        Setting("METER_EVENT", "quantum_shot", "Stripe's event name of the usage meter."),
        Setting("METER_DISPLAY_NAME", "Quantum shots", "Stripe's display name of the usage meter."),
        Setting("METER_PRICE", "0.00", "Dollars a unit at Stripe; 0, since Purser's own invoices bill the use."),
        Setting("LAGO_API_URL", "", "Where Lago's API is, as https://api.getlago.com; empty: uses stay here."),
        Setting("LAGO_API_KEY", "", "Lago's API key.", isSecret: true),
        Setting(
            "GITHUB_SCANNING_KEYS_URL",
            "https://api.github.com/meta/public_keys/secret_scanning",
            "Where GitHub publishes the keys that its secret scanning signs with."
        ),
        Setting("MAIL_SERVER", "", "smtp://host:587 or smtps://host:465; empty: no mail goes out."),
        Setting("MAIL_TLS", "required", "required: STARTTLS or no mail; optional: where the server offers it."),
        Setting("MAIL_FROM", "", "Whom mail is from, as Purser <desk@example.com>."),
        Setting("MAIL_USER", "", "Whom to log in as at the mail server; empty: nobody logs in."),
        Setting("MAIL_PASSWORD", "", "The password of MAIL_USER.", isSecret: true),
        Setting("MAIL_CA_FILE", "", "Certificates to trust for MAIL_SERVER; empty: the system's."),
        Setting("MAIL_FOLDER", "", "Without MAIL_SERVER: folder to write mail to, for trying out."),
        Setting("OIDC_PROVIDERS", "", "Where people may sign in: a JSON array, see the example.", isSecret: true),
        Setting("OIDC_CA_FILE", "", "Certificates to trust for OIDC_PROVIDERS; empty: the system's."),
        Setting("LIMIT_READ", "12000", "Reads a minute for one caller; 0: no limit."),
        Setting("LIMIT_WRITE", "6000", "Writes a minute for one caller; 0: no limit."),
        Setting("LIMIT_INGEST", "60000", "Usage requests a minute for one caller; 0: no limit."),
        Setting("LIMIT_CREDENTIAL", "30", "Sign-ups and sign-ins a minute from one address; 0: no limit."),
        Setting("LIMIT_PAYMENT", "60", "Payments begun a minute by one caller; 0: no limit."),
        Setting("LIMIT_WEBHOOK", "6000", "Webhook deliveries a minute from one address; 0: no limit."),
        Setting("LIMIT_UNKNOWN_KEYS", "600", "Requests a minute with unknown keys from one address."),
        Setting("SESSION_IDLE", "10080", "Minutes without a request after which a sign-in ends."),
        Setting("SESSION_LIFETIME", "43200", "Minutes after which a sign-in ends at the latest."),
        Setting("OPERATOR_SESSION_IDLE", "30", "The same for operators of the site."),
        Setting("OPERATOR_SESSION_LIFETIME", "720", "The same for operators of the site."),
        Setting("SESSIONS_PER_PERSON", "50", "Sign-ins that one person has at once; a new one ends the oldest."),
        Setting("SIGN_IN_FAILURES", "5", "Failures for one mail address before sign-ins are delayed; 0: never."),
        Setting("SIGN_IN_FAILURES_NETWORK", "20", "Failures from one network before sign-ins are delayed; 0: never."),
        Setting("OPERATOR_SECOND_FACTOR", "on", "on: the operators' pages need a sign-in by two factors."),
        Setting(
            "WEBHOOK_PRIVATE_RANGES",
            "",
            "Ranges that webhooks may reach though not public, as 10.0.0.0/8."
        ),
        Setting("WEBHOOK_TIMEOUT", "15", "Seconds that a customer's server may take to answer a webhook: 1 to 30."),
        Setting("LOG_LEVEL", "info", "debug, info, notice, warning or error."),
    ]
}

/// Raw values by name: the environment over the credentials over the settings file over the defaults.
struct SettingValues: Sendable {
    private var values: [String: String] = [:]

    init(environment: [String: String], credentials: [String: String], file: [String: String]) {
        for setting in Setting.all {
            // An empty variable counts as not given, so that `VAR= purser serve` means the default.
            let given = [environment[setting.name], credentials[setting.name.lowercased()], file[setting.name]]
            values[setting.name] = given.compactMap { $0 }.first { !$0.isEmpty } ?? setting.fallback
        }
    }

    subscript(name: String) -> String { values[name] ?? "" }

    /// `NAME=value` lines; `#` or `;` begins a comment line. Spaces around a line and quotes of a value are dropped.
    /// - Throws: ``SettingsFault`` with every line at fault.
    static func parse(file text: String) throws -> [String: String] {
        var values: [String: String] = [:]
        var mistakes: [String] = []
        // By any line break: to Swift "\r\n" is one character, and not "\n".
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingSpace()
            guard let first = line.first, first != "#", first != ";" else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            if parts.count < 2 {
                mistakes.append("line \(index + 1) is not NAME=value")
            } else if !Setting.all.contains(where: { $0.name == name }) {
                mistakes.append("line \(index + 1): there is no setting \(name)")
            } else {
                values[name] = String(unquoted(parts[1]))
            }
        }
        guard mistakes.isEmpty else { throw SettingsFault(mistakes: mistakes) }
        return values
    }

    private static func unquoted(_ value: Substring) -> Substring {
        guard value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote else {
            return value
        }
        return value.dropFirst().dropLast()
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    func trimmingSpace() -> SubSequence {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text = text.dropFirst() }
        while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
        return text
    }
}

/// Every mistake in the settings at once, so that a sysadmin mends them in one go.
struct SettingsFault: Error, CustomStringConvertible {
    let mistakes: [String]

    var description: String { mistakes.joined(separator: "\n") }
}
