import Web

/// `GET /health`: whether the store answers, and whether payments, webhooks and mail are on. 503 when it does not.
struct ShowHealth: Endpoint {
    struct Report: Codable, Sendable {
        let status: String
        let stripeEnabled: Bool
        let stripeWebhooksEnabled: Bool
        /// Whether mail leaves for a mail server.
        let mailEnabled: Bool
        /// Dollars.
        let invoiceThreshold: Dollars
        let version: String
        let database: String

        enum CodingKeys: String, CodingKey {
            case status, version, database
            case stripeEnabled = "stripe_enabled"
            case stripeWebhooksEnabled = "stripe_webhooks_enabled"
            case mailEnabled = "mail_enabled"
            case invoiceThreshold = "invoice_threshold_usd"
        }
    }

    struct Answer: Output {
        static var status: Int { 200 }
        static var contentType: String { "application/json" }
        static var schema: Schema { .probing(Report.self) }

        let isHealthy: Bool
        let report: Report

        func response() throws -> Response {
            Response(status: isHealthy ? 200 : 503, body: .bytes(try JSONEncoding.bytes(of: report)))
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let isHealthy = (try? app.store.read { db in try Accounts.hasTable(db) }) ?? false
        let report = Report(
            status: isHealthy ? "healthy" : "unhealthy",
            stripeEnabled: app.settings.paymentsEnabled,
            stripeWebhooksEnabled: app.settings.webhooksEnabled,
            mailEnabled: app.settings.mailServer != nil,
            invoiceThreshold: app.settings.invoiceThreshold.dollars,
            version: Purser.version,
            database: isHealthy ? "connected" : "unavailable"
        )
        return Answer(isHealthy: isHealthy, report: report)
    }
}

extension Settings {
    var paymentsEnabled: Bool { stripeSecretKey != nil }
    var webhooksEnabled: Bool { !stripeWebhookSecrets.isEmpty }

    /// One line that nobody can overlook: a predecessor ran for months without its credentials.
    var paymentSummary: String {
        if isOnTestClock {
            return "THIS IS A COPY ON A TEST CLOCK: nothing is charged, mailed or told to anybody, whatever is set"
        }
        return "payments are \(paymentsEnabled ? "on" : "OFF (no STRIPE_SECRET_KEY)"), "
            + "webhooks \(webhooksEnabled ? "can be verified" : "CANNOT be verified (no STRIPE_WEBHOOK_SECRET)"), "
            + "an invoice is raised at \(invoiceThreshold.dollars.text) dollars"
    }
}
