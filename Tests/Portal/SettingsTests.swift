import FoundationEssentials
import Testing

@testable import Portal

@Suite("A settings file")
struct SettingsFileTests {
    @Test("is NAME=value lines, with comments, blank lines, spaces and quotes")
    func reads() throws {
        let text = """
            # WORKERS=1

            WORKERS=8
              ; LOG_LEVEL=debug
              LOG_LEVEL=notice\u{20}\t
            PAYMENT_PRODUCT="Shots = fun"
            METER_EVENT='x'
            METER_DISPLAY_NAME=""
            KEY_PREFIX=a=b
            STATE="
            """
        #expect(
            try SettingValues.parse(file: text) == [
                "WORKERS": "8", "LOG_LEVEL": "notice", "PAYMENT_PRODUCT": "Shots = fun", "METER_EVENT": "x",
                "METER_DISPLAY_NAME": "", "KEY_PREFIX": "a=b", "STATE": "\"",
            ]
        )
    }

    @Test("may have been written on Windows")
    func carriageReturns() throws {
        let values = try SettingValues.parse(file: "# mine\r\nWORKERS=8\r\n\r\nDEV_MODE=on\r\n")
        #expect(values == ["WORKERS": "8", "DEV_MODE": "on"])
    }

    @Test("is refused with every line at fault")
    func mistakes() {
        let fault = #expect(throws: SettingsFault.self) {
            try SettingValues.parse(file: "WORKERS=4\nWRKERS=4\nWORKERS\nWORKERS = 4\nworkers=4\n")
        }
        #expect(
            fault?.mistakes == [
                "line 2: there is no setting WRKERS", "line 3 is not NAME=value",
                "line 4: there is no setting WORKERS ",
                "line 5: there is no setting workers",
            ]
        )
    }

    static func example() throws -> String {
        try String(contentsOfFile: House.folder + "/systemd/purser.conf.example", encoding: .utf8)
    }

    @Test("as installed says nothing, and says the defaults once its comments are taken away")
    func exampleParses() throws {
        let text = try Self.example()
        #expect(try SettingValues.parse(file: text).isEmpty)
        let lines = text.split(separator: "\n").filter { $0.firstMatch(of: /^#[A-Z_]+=/) != nil }.map { $0.dropFirst() }
        let values = try SettingValues.parse(file: lines.joined(separator: "\n"))
        #expect(values.count == lines.count)
        for setting in Setting.all where !setting.isSecret {
            #expect(values[setting.name] == setting.fallback, "\(setting.name)")
        }
        _ = try Settings(SettingValues(environment: [:], credentials: [:], file: values))
    }

    @Test("as installed tells of every setting", arguments: Setting.all.map(\.name))
    func documented(name: String) throws {
        #expect(try Self.example().contains(name))
    }
}

@Suite("Settings")
struct SettingsTests {
    private func settings(_ environment: [String: String]) throws -> Settings {
        try Settings(SettingValues(environment: environment, credentials: [:], file: [:]))
    }

    @Test("are the defaults when nothing is given")
    func defaults() throws {
        let settings = try settings([:])
        #expect(settings.state == "/var/lib/purser")
        #expect(settings.socket == "/var/lib/purser/purser.sock")
        #expect(settings.socketGroup == nil && settings.allowedUIDs == nil && settings.keyPepper == nil)
        #expect((2...64).contains(settings.workers))
        #expect(!settings.devMode)
        #expect(settings.openingCredit == Cents(1000))
        #expect(settings.invoiceThreshold == Cents(300_000))
        #expect(settings.stripeSecretKey == nil && settings.stripeWebhookSecrets.isEmpty)
        #expect(settings.paymentSuccessURL == "http://127.0.0.1:8080/dashboard.html?payment=success")
        #expect(settings.paymentCancelURL == "http://127.0.0.1:8080/dashboard.html?payment=cancel")
        #expect(settings.quota(of: .read) == 12_000)
        #expect(settings.quota(of: .none) == nil)
    }

    @Test("come from the environment before the credentials before the file, where they are not empty")
    func precedence() {
        let values = SettingValues(
            environment: ["WORKERS": "1", "STRIPE_SECRET_KEY": "", "LOG_LEVEL": ""],
            credentials: ["stripe_secret_key": "from credential", "key_pepper": "pepper"],
            file: [
                "WORKERS": "2", "STRIPE_SECRET_KEY": "from file", "KEY_PEPPER": "file", "LOG_LEVEL": "debug",
                "DEV_MODE": "on",
            ]
        )
        #expect(values["WORKERS"] == "1")
        #expect(values["STRIPE_SECRET_KEY"] == "from credential")
        #expect(values["KEY_PEPPER"] == "pepper")
        #expect(values["LOG_LEVEL"] == "debug")
        #expect(values["DEV_MODE"] == "on")
        #expect(values["KEY_PREFIX"] == "bioql")
    }

    @Test("that are lists lose the spaces around their items")
    func lists() throws {
        let settings = try settings([
            "STRIPE_WEBHOOK_SECRET": " whsec_a , whsec_b,,\twhsec_c ", "ALLOWED_UIDS": "33, 0 ,33",
        ])
        #expect(settings.stripeWebhookSecrets == ["whsec_a", "whsec_b", "whsec_c"])
        #expect(settings.allowedUIDs == [0, 33])
    }

    @Test("turn payments off, and limits with 0")
    func switches() throws {
        #expect(try settings(["STRIPE_SECRET_KEY": "sk_test_1"]).stripeSecretKey == "sk_test_1")
        #expect(try settings(["STRIPE_SECRET_KEY": "sk_test_1", "PAYMENTS": "off"]).stripeSecretKey == nil)
        #expect(try settings(["LIMIT_READ": "0"]).quota(of: .read) == nil)
    }

    @Test(
        "are refused one by one",
        arguments: [
            ("WORKERS", "-1"), ("WORKERS", "65"), ("WORKERS", "four"), ("DEV_MODE", "yes"), ("DEV_MODE", "ON"),
            ("PAYMENTS", "on"),
            ("PUBLIC_URL", "example.com"), ("PUBLIC_URL", "https://example.com/"), ("PUBLIC_URL", "https://a b"),
            ("PUBLIC_URL", "ftp://example.com"), ("STRIPE_API_BASE", "https://exämple.com"), ("KEY_PREFIX", "a"),
            ("KEY_PREFIX", "Bio"), ("KEY_PREFIX", "a_b"), ("KEY_PREFIX", "abcdefghijklmnopq"), ("OPENING_CREDIT", "-1"),
            ("OPENING_CREDIT", "10$"), ("OPENING_CREDIT", "1e3"), ("INVOICE_THRESHOLD", "0"),
            ("INVOICE_THRESHOLD", "0.004"),
            ("METER_PRICE", "-0.1"), ("LIMIT_READ", "-1"), ("LIMIT_READ", "100000001"), ("LIMIT_UNKNOWN_KEYS", "0"),
            ("LOG_LEVEL", "trace"), ("LOG_LEVEL", "Info"), ("ALLOWED_UIDS", "33,www-data"),
            ("ALLOWED_UIDS", "4294967296"), ("MAIL_TLS", "off"), ("MAIL_FROM", "Purser"),
            ("MAIL_FROM", "Purser <a@x.test\r\n>"),
            ("WEBHOOK_TIMEOUT", "0"), ("WEBHOOK_TIMEOUT", "31"),
            ("WEBHOOK_PRIVATE_RANGES", "10.0.0.1/8"), ("WEBHOOK_PRIVATE_RANGES", "127.0.0.0/8, localhost"),
        ]
    )
    func refuses(name: String, value: String) {
        let fault = #expect(throws: SettingsFault.self) { try settings([name: value]) }
        #expect(fault?.mistakes.count == 1)
        #expect(fault?.mistakes.first?.hasPrefix(name) == true)
    }

    @Test("send mail by a server that is told from whom, with a password only by TLS")
    func mail() throws {
        let server = ["MAIL_SERVER": "smtp://mail.test:587", "MAIL_FROM": "Purser <desk@x.test>"]
        let login = ["MAIL_USER": "purser", "MAIL_PASSWORD": "secret"]
        #expect(try settings([:]).mailServer == nil)
        #expect(try settings(server).mailServer?.tls == .required)
        #expect(try settings(server).mailFrom.address == "desk@x.test")
        #expect(try settings(server.merging(login) { $1 }).mailServer?.user == "purser")
        #expect(try settings(["MAIL_FOLDER": "/tmp/mail"]).mailFrom.address == "purser@localhost")
        let wrong = [
            ["MAIL_SERVER": "smtp://mail.test"], server.merging(["MAIL_SERVER": "https://mail.test"]) { $1 },
            server.merging(login) { $1 }.merging(["MAIL_TLS": "optional"]) { $1 },
            server.merging(["MAIL_USER": "purser"]) { $1 },
        ]
        for environment in wrong {
            let fault = #expect(throws: SettingsFault.self) { try settings(environment) }
            #expect(fault?.mistakes.count == 1 && fault?.description.hasPrefix("MAIL_") == true)
        }
    }

    @Test("are refused with all mistakes at once")
    func allAtOnce() {
        let wrong = [
            "WORKERS": "x", "PUBLIC_URL": "x", "DEV_MODE": "x", "OPENING_CREDIT": "x", "METER_PRICE": "x",
            "LOG_LEVEL": "x",
            "KEY_PREFIX": "X", "LIMIT_WRITE": "x", "ALLOWED_UIDS": "x",
        ]
        let fault = #expect(throws: SettingsFault.self) { try settings(wrong) }
        let named = Set((fault?.mistakes ?? []).map { String($0.prefix { $0 != " " }) })
        #expect(named == Set(wrong.keys))
        #expect(fault?.description.split(separator: "\n").count == wrong.count)
    }

    @Test("have names, words about them and no default for a secret")
    func table() {
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
        for setting in Setting.all {
            #expect(setting.name.firstMatch(of: /^[A-Z][A-Z_]*$/) != nil)
            #expect(setting.about.hasSuffix(".") && !setting.about.isEmpty)
            #expect(!setting.isSecret || setting.fallback.isEmpty)
            let soundsSecret = ["SECRET", "PEPPER", "PASSWORD", "TOKEN"].contains { setting.name.contains($0) }
            #expect(!soundsSecret || setting.isSecret, "\(setting.name)")
        }
    }
}
