import Web

/// `GET /pricing`: the prices in force.
struct ShowPricing: Endpoint {
    struct Answer: JSONOutput {
        struct Item: Codable, Sendable {
            let meter: String
            /// A backend's name, or `family:NAME` for names without a price of their own.
            let backend: String
            /// Dollars a unit.
            let unitPrice: Dollars
            let simulator: Bool
            let effectiveFrom: Timestamp

            enum CodingKeys: String, CodingKey {
                case meter, backend, simulator
                case unitPrice = "unit_price"
                case effectiveFrom = "effective_from"
            }
        }

        let currency: String
        let prices: [Item]
        /// Dollars a shot by backend, for clients that want only that.
        let pricing: [String: Dollars]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        let list = try app.store.read { db in try Prices.list(at: now, db) }
        let named = list.filter { $0.meter == Meter.shots.rawValue && !$0.backend.hasPrefix("family:") }
        return Answer(
            currency: "usd",
            prices: list.map { Answer.Item($0) },
            pricing: Dictionary(named.map { ($0.backend, Dollars(micros: $0.price.unitMicros)) }) { first, _ in first }
        )
    }
}

extension ShowPricing.Answer.Item {
    init(_ listed: Prices.Listed) {
        self.init(
            meter: listed.meter,
            backend: listed.backend,
            unitPrice: Dollars(micros: listed.price.unitMicros),
            simulator: listed.price.isSimulator,
            effectiveFrom: listed.effectiveFrom
        )
    }
}
