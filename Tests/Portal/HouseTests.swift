import FoundationEssentials
import Testing

@testable import Portal

/// The package as a folder of text.
enum House {
    static let folder = {
        // …/Tests/Portal/HouseTests.swift
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/")
    }()

    struct Source: Sendable, CustomTestStringConvertible {
        /// From the package's folder, as `Sources/Web/Schema.swift`.
        let path: String
        let lines: [Substring]
        /// Line for line, without comments and what stands in string literals.
        let code: [Substring]
        /// What stands in string literals.
        let literals: [String]

        init(path: String, text: String) {
            self.path = path
            lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            var reader = SourceReader(Array(text.utf8))
            reader.run()
            code = String(decoding: reader.code, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            literals = reader.literals
        }

        var testDescription: String { path }
        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
        var name: String { path.split(separator: "/").last.map(String.init) ?? "" }
        var isSchema: Bool { path.hasPrefix("Sources/Portal/Schema/") }

        var imports: [String] {
            code.compactMap { line in
                guard line.contains("import ") else { return nil }
                return line.firstMatch(of: /^(?:@\w+ )?import (?:struct |class |func |enum )?(\w+)/).map {
                    String($0.output.1)
                }
            }
        }

        /// The SQL statements: the literals that begin as one.
        var statements: [String] {
            literals.filter { literal in
                let words = literal.split { $0 == " " || $0 == "\n" }
                return words.count > 2 && ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(words[0])
            }
        }
    }

    static func files(under root: String) throws -> [String] {
        let found = try #require(try? FileManager.default.subpathsOfDirectory(atPath: "\(folder)/\(root)"))
        return found.map { "\(root)/\($0)" }.sorted()
    }

    static let sources: [Source] = {
        let paths = (try? files(under: "Sources")) ?? []
        return paths.filter { $0.hasSuffix(".swift") }.compactMap { path in
            (try? String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)).map { Source(path: path, text: $0) }
        }
    }()
}

/// Tells a Swift source's code from its comments and literals, as far as this package writes them: no raw strings.
private struct SourceReader {
    private let bytes: [UInt8]
    private var at = 0
    private(set) var code: [UInt8] = []
    private(set) var literals: [String] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func run() {
        while at < bytes.count {
            if begins("//") {
                while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
            } else if begins("\"\"\"") {
                literal(until: "\"\"\"")
            } else if begins("\"") {
                literal(until: "\"")
            } else {
                code.append(bytes[at])
                at += 1
            }
        }
    }

    private func begins(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[at...].starts(with: $0) }
    }

    /// Interpolations count as text; one that holds quotes of its own ends the literal early, which no rule minds.
    private mutating func literal(until end: StaticString) {
        at += end.utf8CodeUnitCount
        var text: [UInt8] = []
        while at < bytes.count, !begins(end) {
            if bytes[at] == UInt8(ascii: "\n") { code.append(bytes[at]) }
            text.append(bytes[at])
            if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count {
                at += 1
                text.append(bytes[at])
            }
            at += 1
        }
        at += end.utf8CodeUnitCount
        code += Array("\"\"".utf8)
        literals.append(String(decoding: text, as: UTF8.self))
    }
}

@Suite("The house")
struct HouseTests {
    @Test("is read as a whole, not by accident as nothing")
    func isRead() {
        #expect(House.sources.count > 100)
        #expect(House.sources.contains { $0.path == "Sources/Portal/Routes.swift" })
    }

    /// Which of our own modules and of the packages' each target may import (design: The house).
    static let arrows: [String: Set<String>] = [
        "purser": ["Portal", "ArgumentParser"],
        "Portal": ["FastCGI", "Storage", "Web", "Outbound", "Crypto", "Documents", "Telemetry", "CLinux", "Logging"],
        "FastCGI": ["CFastCGI", "CLinux"],
        "Storage": ["CSQLite", "CLinux", "Crypto"],
        "Web": [],
        "Outbound": ["CCurl", "CLinux"],
        "Crypto": ["COpenSSL"],
        "Documents": ["CPango"],
        "Telemetry": ["CLinux", "Logging"],
    ]

    static let platform: Set = ["Swift", "Glibc", "Dispatch", "Synchronization", "FoundationEssentials"]

    @Test("has arrows that go one way", arguments: House.sources)
    func imports(source: House.Source) {
        for module in source.imports where !Self.platform.contains(module) {
            #expect(Self.arrows[source.target]?.contains(module) == true, "\(source.path) imports \(module)")
        }
    }

    /// These hold all tables of the books against each other, so they read any.
    static let checks: Set = [
        "CampaignCheck.swift", "InvoiceCheck.swift", "LedgerCheck.swift", "PartnerCheck.swift", "RefundCheck.swift",
        "RollupCheck.swift",
    ]

    /// These show operators all accounts at once, so they read any, too.
    static let reports: Set = [
        "AccountReport.swift", "InvoiceReport.swift", "LedgerMonths.swift", "LedgerReport.swift",
        "PartnerReport.swift", "PaymentReport.swift", "SubscriptionReport.swift",
    ]

    /// The one file that writes to each table, and those that may read it besides.
    static let tables: [String: (owner: String, readers: Set<String>)] = [
        "account_coupon": ("AccountCoupons.swift", []),
        "billing_profile": ("BillingProfiles.swift", []),
        "coupon": ("Coupons.swift", []),
        "operator_setting": ("OperatorSettings.swift", []),
        "tax_rate": ("TaxRates.swift", []),
        "account": (
            "Accounts.swift",
            [
                "APIKeys.swift", "AskedKey.swift", "CallMonths.swift", "CreditGrants.swift", "DunningRows.swift",
                "Identities.swift", "Invitations.swift", "Members.swift", "PlanLimits.swift", "Plans.swift",
                "Quota.swift", "Sessions.swift", "Subscriptions.swift",
            ]
        ),
        "api_key": ("APIKeys.swift", ["AskedKey.swift", "CallMonths.swift", "CallReport.swift", "Quota.swift"]),
        "app": ("Apps.swift", ["APIKeys.swift", "AskedKey.swift", "CallMonths.swift"]),
        "app_request": ("AppRequests.swift", []),
        "campaign": ("Campaigns.swift", []),
        "campaign_day": ("CampaignCounts.swift", []),
        "campaign_hour": ("CampaignCounts.swift", []),
        "campaign_total": ("CampaignCounts.swift", []),
        "conversion": ("Conversions.swift", ["CampaignEdges.swift"]),
        "fraud_flag": ("FraudFlags.swift", ["Rewards.swift"]),
        "notification": ("Notifications.swift", []),
        "notification_read": ("Notifications.swift", []),
        "referral": ("Referrals.swift", ["CampaignEdges.swift"]),
        "referral_click": ("ReferralClicks.swift", ["CampaignEdges.swift"]),
        "reward": ("Rewards.swift", ["CampaignEdges.swift"]),
        "audit_entry": ("Audit.swift", []),
        "audit_head": ("Audit.swift", []),
        "budget": ("Budgets.swift", ["AskedKey.swift", "CallMonths.swift", "Quota.swift"]),
        "charge_attempt": ("ChargeAttempts.swift", []),
        "checkout": ("Checkouts.swift", []),
        "credit_grant": ("CreditGrants.swift", []),
        "credit_rule": ("CreditRules.swift", []),
        "dunning": ("DunningRows.swift", []),
        "idempotency_key": ("IdempotencyKeys.swift", []),
        "identity": ("Identities.swift", []),
        "invitation": ("Invitations.swift", []),
        "invoice": ("Invoices.swift", ["DunningRows.swift", "InvoiceAmendments.swift", "InvoiceLines.swift"]),
        "invoice_line": ("InvoiceLines.swift", []),
        "invoice_series": ("InvoiceSeries.swift", []),
        "call_day": ("CallMonths.swift", []),
        "call_month": ("CallMonths.swift", []),
        "key_month": ("CallMonths.swift", []),
        "latency_day": ("Latencies.swift", []),
        "ledger_balance": ("Ledger.swift", ["CreditGrants.swift", "CreditRules.swift", "Quota.swift"]),
        "ledger_entry": ("Ledger.swift", ["CreditGrants.swift", "ListLedgerEntries.swift"]),
        "ledger_month": ("LedgerMonths.swift", []),
        "revenue_month": ("LedgerMonths.swift", []),
        "plan_price": ("PlanVersions.swift", ["PresentPrices.swift", "Subscriptions.swift"]),
        "subscription": ("Subscriptions.swift", ["AskedKey.swift", "CallMonths.swift", "PresentPrices.swift"]),
        "subscription_change": ("SubscriptionChanges.swift", []),
        "member": ("Members.swift", ["Accounts.swift", "Identities.swift", "Sessions.swift"]),
        "outbox": ("Outbox.swift", []),
        "dispute": ("Disputes.swift", []),
        "payment": ("Payments.swift", ["ChargeAttempts.swift", "Disputes.swift"]),
        "payment_method": ("PaymentMethods.swift", []),
        "payment_use": ("PaymentUses.swift", ["Payments.swift"]),
        "person": (
            "People.swift",
            [
                "Accounts.swift", "APIKeys.swift", "AskedKey.swift", "Identities.swift", "Invitations.swift",
                "Members.swift", "Sessions.swift",
            ]
        ),
        "plan": (
            "Plans.swift",
            ["Accounts.swift", "AskedKey.swift", "Members.swift", "PresentPrices.swift", "Quota.swift"]
        ),
        "plan_limit": ("PlanLimits.swift", ["AskedKey.swift", "CallMonths.swift", "Quota.swift"]),
        "price": ("Prices.swift", []),
        "recovery_code": ("RecoveryCodes.swift", []),
        "reconciliation": ("Reconciliations.swift", []),
        "refund": ("Refunds.swift", []),
        "request_day": ("RequestCounts.swift", ["CallReport.swift", "RequestReport.swift"]),
        "session": ("Sessions.swift", []),
        "sign_in_failure": ("SignInFailures.swift", []),
        "single_use_token": ("SingleUseTokens.swift", []),
        "store_mark": ("StoreMarks.swift", []),
        "stripe_event": ("StripeEvents.swift", []),
        "stripe_object": ("StripeObjects.swift", []),
        "ticket": ("Tickets.swift", []),
        "usage_alert": ("UsageAlerts.swift", []),
        "usage_correction": ("UsageCorrections.swift", []),
        "usage_day": ("UsageRollups.swift", []),
        "usage_event": ("Usage.swift", ["Forwarding.swift"]),
        "usage_forwarding": ("Forwarding.swift", []),
        "usage_month": ("UsageRollups.swift", ["AskedKey.swift", "CallMonths.swift", "Quota.swift"]),
        "usage_total": ("UsageTotals.swift", []),
        "webhook_attempt": ("WebhookAttempts.swift", ["WebhookDeliveries.swift"]),
        "webhook_delivery": (
            "WebhookDeliveries.swift", ["WebhookAttempts.swift", "WebhookEndpoints.swift", "WebhookMessages.swift"]
        ),
        "webhook_endpoint": ("WebhookEndpoints.swift", ["WebhookDeliveries.swift"]),
        "webhook_message": ("WebhookMessages.swift", ["WebhookDeliveries.swift"]),
    ]

    @Test("writes to a table in one file, and reads it there and where it says so")
    func tableOwners() {
        var used: Set<String> = []
        for source in House.sources where source.target == "Portal" && !source.isSchema {
            for statement in source.statements {
                for match in statement.matches(
                    of: /\b(INSERT INTO|DELETE FROM|FROM|JOIN)\s+([a-z_]+)|^\s*(UPDATE)\s+([a-z_]+)/
                ) {
                    let verb = String(match.output.1 ?? match.output.3 ?? "")
                    let table = String(match.output.2 ?? match.output.4 ?? "")
                    used.insert(table)
                    guard let entry = Self.tables[table] else {
                        Issue.record("\(source.path) names the table \(table), which stands in no list")
                        continue
                    }
                    let isRead = verb == "FROM" || verb == "JOIN"
                    let readers = entry.readers.union(Self.checks).union(Self.reports)
                    let mayRead = isRead && readers.contains(source.name)
                    #expect(source.name == entry.owner || mayRead, "\(source.path): \(verb) \(table)")
                }
            }
        }
        #expect(used == Set(Self.tables.keys))
    }

    @Test("names every table of the schema")
    func schemaTables() throws {
        let literals = House.sources.filter(\.isSchema).flatMap(\.literals)
        let made = Set(literals.flatMap { $0.matches(of: /CREATE TABLE ([a-z_]+)/).map { String($0.output.1) } })
        #expect(made == Set(Self.tables.keys))
    }

    @Test("writes SQL that another engine could take")
    func portableSQL() {
        let bound =
            /\b(datetime|julianday|strftime|json_each|json_extract|rowid|printf|ifnull)\b|INSERT OR |REPLACE INTO|GLOB/
        for source in House.sources where source.target == "Portal" {
            for statement in source.statements {
                #expect(statement.firstMatch(of: bound) == nil, "\(source.path): \(statement)")
            }
        }
    }

    @Test("names its files after things")
    func names() throws {
        let banned = /\+|Util|Helper|Manager\b|Managers|Service\b|Services|Common|Misc|Extensions/
        // systemd's own name for itself: the service manager.
        let known: Set = ["Sources/Portal/Operations/ServiceManager.swift"]
        for path in try House.files(under: "Sources") + House.files(under: "Tests") where !known.contains(path) {
            guard path.hasSuffix(".swift") else { continue }
            #expect(path.dropLast(6).firstMatch(of: banned) == nil, "\(path)")
        }
    }

    @Test("never takes down the process by a word", arguments: House.sources)
    func noTraps(source: House.Source) {
        // `!` right after a name or a bracket unwraps by force; `!=` compares.
        let trap = /\btry!|\bas!|\bfatalError\b|\bpreconditionFailure\b|[\w\)\]]!(?!=)/
        for (index, line) in source.code.enumerated()
        where line.contains("!") || line.contains("Fail") || line.contains("fatal") {
            #expect(line.firstMatch(of: trap) == nil, "\(source.path):\(index + 1): \(line)")
        }
    }

    @Test("takes no more of Foundation than its essentials, and never typed throws", arguments: House.sources)
    func foundation(source: House.Source) {
        #expect(!source.imports.contains("Foundation"))
        #expect(source.code.allSatisfy { !$0.contains("throws(") })
    }

    @Test("has files of at most 400 lines and functions of at most 60", arguments: House.sources)
    func lengths(source: House.Source) {
        #expect(source.lines.count <= 400)
        var begun: (line: Int, indent: Int)?
        for (index, line) in source.code.enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let text = line.dropFirst(indent)
            if let start = begun, text.hasPrefix("}"), indent == start.indent {
                #expect(index - start.line + 1 <= 60, "\(source.path):\(start.line + 1)")
                begun = nil
            }
            guard begun == nil, text.contains("func ") || text.contains("init") else { continue }
            let opens = text.firstMatch(of: /^(?:@\w+(?:\([^)]*\))? |[a-z]+(?:\(set\))? )*(?:func\b|init[?(<])/) != nil
            if opens, !text.hasSuffix("}") { begun = (index, indent) }
        }
    }

    @Test("has lines of at most 120 columns", arguments: House.sources)
    func widths(source: House.Source) {
        for (index, line) in source.lines.enumerated() {
            #expect(line.count <= 120, "\(source.path):\(index + 1)")
        }
    }
}
