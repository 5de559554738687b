import Crypto
import Glibc
import Logging
import Outbound
import Web

/// The settings, checked and typed. ``Setting/all`` says what each means.
struct Settings: Sendable {
    let state: String
    let socket: String
    let socketGroup: String?
    let allowedUIDs: Set<UInt32>?
    let publicURL: String
    let workers: Int
    let devMode: Bool
    let keyPrefix: String
    let keyPrefixes: KeyPrefixes
    let keyPepper: String?
    let openingCredit: Cents
    let invoiceThreshold: Cents
    /// What the partner program counts a conversion as.
    let conversionValue: Cents
    /// For how long the partner program's rewards are held back, since what is refunded soon should never be paid.
    let rewardHoldDays: Int
    private(set) var stripeSecretKey: String?
    private(set) var stripeWebhookSecrets: [String]
    let stripeAPIBase: String
    let stripeCAFile: String?
    let paymentProduct: String
    let paymentSuccessURL: String
    let paymentCancelURL: String
    let meterEvent: String
    let meterDisplayName: String
    let meterPrice: Dollars
    private(set) var lagoAPIURL: String?
    private(set) var lagoAPIKey: String?
    let gitHubScanningKeysURL: String
    private(set) var mailServer: MailServer?
    let mailFrom: MailAddress
    let mailCAFile: String?
    private(set) var mailFolder: String?
    let idProviders: [IDProvider]
    let idProvidersCAFile: String?
    let limitUnknownKeys: Int
    let sessions: SessionTerms
    let operatorSessions: SessionTerms
    let sessionsPerPerson: Int64
    /// How many failed sign-ins are free; 0: all of them.
    let signInFailures: Int64
    let signInFailuresOfNetwork: Int64
    let operatorsNeedSecondFactor: Bool
    let webhookPrivateRanges: [AddressRange]
    let webhookTimeout: Int
    let logLevel: Logger.Level
    /// Set for a store that was copied to try out what will come: it has nothing to do with anybody outside.
    private(set) var isOnTestClock = false
    private let limits: [LimitClass: Int]

    /// Requests a minute for one caller; nil: no limit.
    func quota(of limit: LimitClass) -> Int? { limits[limit] }

    /// - Throws: ``SettingsFault`` with every mistake.
    init(_ values: SettingValues) throws {
        var reader = SettingsReader(values: values)
        state = reader.text("STATE")
        socket = reader.optional("SOCKET") ?? "\(state)/purser.sock"
        socketGroup = reader.optional("SOCKET_GROUP")
        allowedUIDs = reader.numbers("ALLOWED_UIDS")
        publicURL = reader.url("PUBLIC_URL")
        let workers = reader.number("WORKERS", in: 0...64)
        // A handler that waits holds no thread, so more than there are processors only get in each other's way.
        self.workers = workers > 0 ? workers : min(64, max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        devMode = reader.flag("DEV_MODE")
        keyPrefix = reader.prefix("KEY_PREFIX")
        keyPrefixes = KeyPrefixes(own: keyPrefix)
        keyPepper = reader.optional("KEY_PEPPER")
        openingCredit = reader.amount("OPENING_CREDIT", atLeast: 0)
        invoiceThreshold = reader.amount("INVOICE_THRESHOLD", atLeast: 1)
        conversionValue = reader.amount("CONVERSION_VALUE", atLeast: 0)
        rewardHoldDays = reader.number("REWARD_HOLD_DAYS", in: 0...3650)
        let takesPayments = reader.choice("PAYMENTS", ["auto", "off"]) == "auto"
        stripeSecretKey = takesPayments ? reader.optional("STRIPE_SECRET_KEY") : nil
        stripeWebhookSecrets = reader.list("STRIPE_WEBHOOK_SECRET")
        stripeAPIBase = reader.url("STRIPE_API_BASE")
        stripeCAFile = reader.optional("STRIPE_CA_FILE")
        paymentProduct = reader.text("PAYMENT_PRODUCT")
        paymentSuccessURL = reader.optional("PAYMENT_SUCCESS_URL") ?? "\(publicURL)/dashboard.html?payment=success"
        paymentCancelURL = reader.optional("PAYMENT_CANCEL_URL") ?? "\(publicURL)/dashboard.html?payment=cancel"
        meterEvent = reader.text("METER_EVENT")
        meterDisplayName = reader.text("METER_DISPLAY_NAME")
        meterPrice = reader.price("METER_PRICE")
        (lagoAPIURL, lagoAPIKey) = reader.lago()
        gitHubScanningKeysURL = reader.url("GITHUB_SCANNING_KEYS_URL")
        mailServer = reader.mailServer()
        mailFrom = try reader.mailFrom()
        mailCAFile = reader.optional("MAIL_CA_FILE")
        mailFolder = reader.optional("MAIL_FOLDER")
        idProviders = IDProvider.list(values["OIDC_PROVIDERS"], mistakes: &reader.mistakes)
        idProvidersCAFile = reader.optional("OIDC_CA_FILE")
        limitUnknownKeys = reader.number("LIMIT_UNKNOWN_KEYS", in: 1...100_000_000)
        sessions = reader.sessionTerms("SESSION")
        operatorSessions = reader.sessionTerms("OPERATOR_SESSION")
        sessionsPerPerson = Int64(reader.number("SESSIONS_PER_PERSON", in: 1...10_000))
        signInFailures = Int64(reader.number("SIGN_IN_FAILURES", in: 0...1000))
        signInFailuresOfNetwork = Int64(reader.number("SIGN_IN_FAILURES_NETWORK", in: 0...100_000))
        operatorsNeedSecondFactor = reader.flag("OPERATOR_SECOND_FACTOR")
        webhookPrivateRanges = reader.ranges("WEBHOOK_PRIVATE_RANGES")
        webhookTimeout = reader.number("WEBHOOK_TIMEOUT", in: 1...30)
        let level = reader.choice("LOG_LEVEL", ["debug", "info", "notice", "warning", "error"])
        logLevel = Logger.Level(rawValue: level) ?? .info
        let names: [(LimitClass, String)] = [
            (.read, "READ"), (.write, "WRITE"), (.ingest, "INGEST"), (.credential, "CREDENTIAL"),
            (.payment, "PAYMENT"), (.webhook, "WEBHOOK"),
        ]
        var limits: [LimitClass: Int] = [:]
        for (limit, name) in names {
            let number = reader.number("LIMIT_\(name)", in: 0...100_000_000)
            if number > 0 { limits[limit] = number }
        }
        self.limits = limits
        guard reader.mistakes.isEmpty else { throw SettingsFault(mistakes: reader.mistakes) }
    }
}

extension Settings {
    /// Without whatever asks, charges or tells anybody outside.
    func onTestClock() -> Settings {
        var settings = self
        settings.isOnTestClock = true
        (settings.stripeSecretKey, settings.stripeWebhookSecrets) = (nil, [])
        (settings.mailServer, settings.mailFolder) = (nil, nil)
        (settings.lagoAPIURL, settings.lagoAPIKey) = (nil, nil)
        return settings
    }
}

/// Reads values one by one and writes down what is wrong with each.
private struct SettingsReader {
    let values: SettingValues
    var mistakes: [String] = []

    mutating func text(_ name: String) -> String {
        if values[name].isEmpty { mistakes.append("\(name) must not be empty") }
        return values[name]
    }

    func optional(_ name: String) -> String? { values[name].isEmpty ? nil : values[name] }

    func list(_ name: String) -> [String] {
        values[name].split(separator: ",").map { String($0.trimmingSpace()) }.filter { !$0.isEmpty }
    }

    mutating func flag(_ name: String) -> Bool { choice(name, ["on", "off"]) == "on" }

    mutating func choice(_ name: String, _ choices: [String]) -> String {
        if !choices.contains(values[name]) {
            mistakes.append("\(name) must be one of \(choices.joined(separator: ", ")), not \"\(values[name])\"")
        }
        return values[name]
    }

    mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int {
        if let number = Int(values[name]), range.contains(number) { return number }
        mistakes.append("\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        return range.lowerBound
    }

    /// Minutes, from one to a year.
    mutating func sessionTerms(_ name: String) -> SessionTerms {
        SessionTerms(
            idleSeconds: 60 * Int64(number("\(name)_IDLE", in: 1...525_600)),
            lifetimeSeconds: 60 * Int64(number("\(name)_LIFETIME", in: 1...525_600))
        )
    }

    mutating func numbers(_ name: String) -> Set<UInt32>? {
        let texts = list(name)
        let numbers = texts.compactMap { UInt32($0) }
        if numbers.count < texts.count { mistakes.append("\(name) must be numbers, comma-separated") }
        return texts.isEmpty ? nil : Set(numbers)
    }

    mutating func ranges(_ name: String) -> [AddressRange] {
        let texts = list(name)
        let ranges = texts.compactMap { AddressRange($0) }
        if ranges.count < texts.count {
            mistakes.append("\(name) must be ranges of addresses, such as 10.0.0.0/8, comma-separated")
        }
        return ranges
    }

    mutating func amount(_ name: String, atLeast least: Int64) -> Cents {
        if let amount = Dollars(values[name])?.cents, amount.value >= least { return amount }
        mistakes.append("\(name) must be an amount in dollars, such as 10.00")
        return .zero
    }

    mutating func price(_ name: String) -> Dollars {
        if let price = Dollars(values[name]), price.micros >= 0 { return price }
        mistakes.append("\(name) must be dollars, such as 0.001")
        return Dollars(micros: 0)
    }

    mutating func lago() -> (url: String?, key: String?) {
        guard optional("LAGO_API_URL") != nil else { return (nil, nil) }
        let key = optional("LAGO_API_KEY")
        if key == nil { mistakes.append("LAGO_API_KEY must be given with LAGO_API_URL") }
        return (url("LAGO_API_URL"), key)
    }

    mutating func url(_ name: String) -> String {
        let value = values[name]
        let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !value.hasSuffix("/")
        if !isPlain || !(value.hasPrefix("http://") || value.hasPrefix("https://")) {
            mistakes.append("\(name) must be an http or https address without a slash at the end")
        }
        return value
    }

    mutating func mailServer() -> MailServer? {
        let tls: MailServer.TLS = choice("MAIL_TLS", ["required", "optional"]) == "optional" ? .optional : .required
        guard let url = optional("MAIL_SERVER") else { return nil }
        do {
            return try MailServer(url, tls: tls, user: optional("MAIL_USER"), password: optional("MAIL_PASSWORD"))
        } catch {
            mistakes.append("MAIL_SERVER cannot be used: \(Self.sentence(error))")
            return nil
        }
    }

    /// A folder takes mail from nobody in particular; a server wants to know.
    mutating func mailFrom() throws -> MailAddress {
        if let text = optional("MAIL_FROM") {
            do {
                return try MailAddress(text)
            } catch {
                mistakes.append("MAIL_FROM must be like Purser <desk@example.com>: \(Self.sentence(error))")
            }
        } else if optional("MAIL_SERVER") != nil {
            mistakes.append("MAIL_FROM must be given with MAIL_SERVER")
        }
        return try MailAddress(address: "purser@localhost", name: "Purser")
    }

    private static func sentence(_ error: any Error) -> String {
        if case OutboundError.invalidRequest(let sentence) = error { sentence } else { "\(error)" }
    }

    mutating func prefix(_ name: String) -> String {
        let value = values[name]
        let isPlain = value.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
        if !isPlain || !(2...16).contains(value.utf8.count) {
            mistakes.append("\(name) must be 2 to 16 lower-case letters or digits")
        }
        return value
    }
}
