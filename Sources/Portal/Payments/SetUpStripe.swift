import Crypto
import Outbound
import Web

/// `purser stripe setup`: the meter and its one metered price in USD, found or created, never twice; with `--webhook`
/// also the endpoint that events are sent to.
struct SetUpStripe: Endpoint {
    struct Input: Codable, Sendable {
        /// Whether to have the events of ``StripeEventTypes`` sent to PUBLIC_URL.
        let webhook: Bool?
    }

    struct Answer: JSONOutput {
        let meter: String
        let meterCreated: Bool
        let price: String
        let priceCreated: Bool
        /// Null where none was asked for.
        let webhook: Nullable<String>
        /// Told once, when the endpoint is made.
        let webhookSecret: Nullable<String>

        enum CodingKeys: String, CodingKey {
            case meter, price, webhook
            case webhookSecret = "webhook_secret"
            case meterCreated = "meter_created"
            case priceCreated = "price_created"
        }
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        guard let stripe = app.stripe else {
            throw Failure.unavailable("Payments are not configured: STRIPE_SECRET_KEY is not given")
        }
        do {
            let found = try await findMeter(stripe, app)
            let meter = if let found { found } else { try await createMeter(stripe, app) }
            let known = try await findPrice(meter, stripe, app)
            let price = if let known { known } else { try await createPrice(meter, stripe, app) }
            try await app.store.write { db in
                try StripeObjects.put(.meter, meter, db)
                try StripeObjects.put(.price, price, db)
            }
            let endpoint = input.webhook == true ? try await StripeEndpoint.subscribe(stripe, app) : nil
            return Answer(
                meter: meter,
                meterCreated: found == nil,
                price: price,
                priceCreated: known == nil,
                webhook: Nullable(endpoint?.id),
                webhookSecret: Nullable(endpoint?.secret)
            )
        } catch let error as StripeError where error.status >= 400 && error.status < 500 {
            throw Failure.badRequest("Stripe refused: \(error.message)", code: "provider_refused")
        } catch let error where error is StripeError || error is OutboundError {
            app.log.warning("Stripe could not be set up", metadata: ["error": "\(error)"])
            throw StripeClient.unavailable(error)
        }
    }

    private static func findMeter(_ stripe: StripeClient, _ app: App) async throws -> String? {
        var query: StripeClient.Form = [("status", "active"), ("limit", "100")]
        while true {
            let page = try await stripe.get("/v1/billing/meters", query)
            guard case .array(let meters)? = page["data"] else { return nil }
            if let meter = meters.first(where: { $0["event_name"]?.string == app.settings.meterEvent }) {
                return meter["id"]?.string
            }
            guard page["has_more"] == .bool(true), let last = meters.last?["id"]?.string else { return nil }
            query = [("status", "active"), ("limit", "100"), ("starting_after", last)]
        }
    }

    private static func createMeter(_ stripe: StripeClient, _ app: App) async throws -> String {
        let form = [
            ("display_name", app.settings.meterDisplayName),
            ("event_name", app.settings.meterEvent),
            ("default_aggregation[formula]", "sum"),
            ("customer_mapping[event_payload_key]", "stripe_customer_id"),
            ("customer_mapping[type]", "by_id"),
            ("value_settings[event_payload_key]", "value"),
        ]
        return try await stripe.post("/v1/billing/meters", form, idempotencyKey: key("meter", form)).requireID()
    }

    private static func lookupKey(_ app: App) -> String { "purser_\(app.settings.meterEvent)" }

    private static func findPrice(_ meter: String, _ stripe: StripeClient, _ app: App) async throws -> String? {
        let page = try await stripe.get("/v1/prices", [("active", "true"), ("lookup_keys[0]", lookupKey(app))])
        guard case .array(let prices)? = page["data"] else { return nil }
        // One of a meter that was replaced since counts nothing.
        return prices.first { $0["recurring"]?["meter"]?.string == meter }?["id"]?.string
    }

    private static func createPrice(_ meter: String, _ stripe: StripeClient, _ app: App) async throws -> String {
        guard app.settings.meterPrice.micros <= Prices.highestMicros else {
            throw Failure.badRequest("METER_PRICE is more than \(Dollars(micros: Prices.highestMicros).text) dollars")
        }
        let form = [
            ("currency", "usd"),
            ("lookup_key", lookupKey(app)),
            ("transfer_lookup_key", "true"),
            ("product_data[name]", app.settings.paymentProduct),
            ("recurring[interval]", "month"),
            ("recurring[usage_type]", "metered"),
            ("recurring[meter]", meter),
            // Stripe counts in cents with up to twelve decimals.
            ("unit_amount_decimal", Dollars(micros: app.settings.meterPrice.micros * 100).text),
        ]
        return try await stripe.post("/v1/prices", form, idempotencyKey: key("price", form)).requireID()
    }

    /// The same set-up run twice at once is one request to Stripe.
    private static func key(_ what: String, _ form: StripeClient.Form) -> String {
        "setup-\(what)-" + Hex.encode(SHA256.digest(Array(PercentCoding.encode(form).utf8))).prefix(32)
    }
}
