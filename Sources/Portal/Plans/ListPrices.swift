import Web

/// `GET /api/v1/prices`: what is asked for now, by plan and by what is used of backends; ``ListAllPlans`` has what was
/// and what will be.
struct ListPrices: Endpoint {
    struct PlanPrice: Codable, Sendable {
        let plan: String
        let price: PlanVersionView
    }

    struct Answer: JSONOutput {
        let plans: [PlanPrice]
        /// Dollars a unit, for uses of whoever is billed in `usd`.
        let backends: [ShowPricing.Answer.Item]
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let now = app.now()
        return try app.store.read { db in
            Answer(
                plans: try Plans.list(db).filter { $0.archivedAt == nil }.flatMap { plan in
                    try PlanVersions.inForce(of: plan.id, at: now, db).map { version in
                        PlanPrice(plan: plan.code, price: try PlanVersionView(version))
                    }
                },
                backends: try Prices.list(at: now, db).map { ShowPricing.Answer.Item($0) }
            )
        }
    }
}

/// `POST /api/v1/admin/prices`: what a unit on a backend costs, from a day on. What was recorded keeps its price.
struct SetPrice: Endpoint {
    struct Input: Codable, Sendable {
        let meter: Meter
        /// A backend's name, or `family:NAME` for names without a price of their own.
        let backend: Backend
        /// Dollars.
        let unitPrice: UnitPrice
        let simulator: Bool?
        /// Absent: today.
        let effectiveFrom: Day?

        enum CodingKeys: String, CodingKey {
            case meter, backend, simulator
            case unitPrice = "unit_price"
            case effectiveFrom = "effective_from"
        }
    }

    static func handle(
        _ input: Input,
        by caller: Caller,
        in app: App
    ) async throws -> Created<ShowPricing.Answer.Item> {
        let now = app.now()
        let day = input.effectiveFrom ?? now.day
        guard day >= now.day else { throw Failure.invalid("effective_from", "must not lie in the past") }
        guard input.unitPrice.micros <= Prices.highestMicros else {
            throw Failure.invalid("unit_price", "must be at most 1000")
        }
        let (meter, name) = (input.meter, input.backend.name.lowercased())
        let price = Prices.Price(unitMicros: input.unitPrice.micros, isSimulator: input.simulator ?? false)
        let answer = try await app.commit(by: caller) { db in
            try Prices.put(meter, name, unitMicros: price.unitMicros, isSimulator: price.isSimulator, from: day, db)
            try Audit.record(
                .priceChanged,
                by: caller,
                account: nil,
                target: "price:\(meter.rawValue):\(name)",
                detail: [.init("unit_price", .string(input.unitPrice.text)), .init("from", .string(day.text))],
                at: now,
                db
            )
            return Created(
                ShowPricing.Answer.Item(
                    Prices.Listed(
                        meter: meter.rawValue,
                        backend: name,
                        price: price,
                        effectiveFrom: Timestamp(day: day)
                    )
                )
            )
        }
        app.prices.forget()
        return answer
    }
}

extension Meter: Codable, Documented {
    static var sample: Meter { .shots }
}
