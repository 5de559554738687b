import Storage
import Web

/// `GET /api/admin/pricing-plans`: the program's, cheapest first, those that are not on offer too.
struct ListAllPartnerPlans: Endpoint {
    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Listed<PartnerPlan> {
        let now = app.now()
        return Listed(try app.store.read { db in try PartnerPlan.all(at: now, archivedToo: true, db) })
    }
}

/// `POST /api/admin/pricing-plans`.
struct CreatePartnerPlan: Endpoint {
    struct Input: Codable, Sendable {
        let name: Text<1, 120>
        let type: PartnerPlan.Kind
        let description: Text<0, 2000>?
        /// Dollars.
        let monthlyPrice: UnitPrice
        /// Absent or 0: not to be had by the year, unless a month costs nothing either.
        let yearlyPrice: UnitPrice?
        let apiLimit: Whole<0, 2_000_000_000>
        let maxApps: Whole<0, 1_000_000>
        /// Dollars for 1,000 calls beyond; absent or 0: there are none beyond.
        let overagePrice: UnitPrice?
        let features: [Text<1, 200>]?
        let isActive: Bool?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Created<PartnerPlan> {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let code = try code(for: input, db)
            let terms = Plans.Terms(
                name: input.name.value,
                family: .partner,
                description: input.description?.value ?? "",
                features: (input.features ?? []).map(\.value),
                limits: try PartnerPlanTerms(
                    apiLimit: input.apiLimit.value,
                    maxApps: input.maxApps.value,
                    overagePrice: input.overagePrice
                ).apply(to: [])
            )
            let id = try Plans.put(code, terms, db)
            try PartnerPlanTerms.setPrice(input.monthlyPrice, "monthlyPrice", every: .month, of: id, at: now, db)
            let isFree = input.monthlyPrice == .zero
            if let yearly = input.yearlyPrice ?? (isFree ? .zero : nil), yearly != .zero || isFree {
                try PartnerPlanTerms.setPrice(yearly, "yearlyPrice", every: .year, of: id, at: now, db)
            }
            if input.isActive == false { try Plans.setArchived(now, id, db) }
            try Plans.noteChange(of: id, at: now, db)
            try Audit.record(.planCreated, by: caller, account: nil, target: "plan:\(code)", at: now, db)
            return Created(try PartnerPlan(try PartnerPlan.require(code, db), at: now, db))
        }
    }

    /// `partner_growth`; where that is taken, with the name behind it.
    /// - Throws: ``Failure`` 409 where both are.
    private static func code(for input: Input, _ db: borrowing Database) throws -> String {
        let plain = "\(Plans.Family.partner.rawValue)_\(input.type.rawValue.lowercased())"
        let words = input.name.value.lowercased().utf8.split { byte in
            !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let name = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "_").prefix(40)
        guard let code = try [plain, "\(plain)_\(name)"].first(where: { try Plans.find(code: $0, db) == nil }) else {
            throw Failure.conflict("There is a plan of that type and name", code: "plan_exists")
        }
        return code
    }
}

/// `PATCH` and `PUT /api/admin/pricing-plans/{id}`: changes what is given. Limits hold at once for everybody on the
/// plan; prices for new subscriptions from now on, for others from their next period.
struct ChangePartnerPlan: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
        let name: Text<1, 120>?
        let description: Text<0, 2000>?
        /// Dollars.
        let monthlyPrice: UnitPrice?
        let yearlyPrice: UnitPrice?
        let apiLimit: Whole<0, 2_000_000_000>?
        let maxApps: Whole<0, 1_000_000>?
        /// Dollars for 1,000 calls beyond; 0: there are none beyond.
        let overagePrice: UnitPrice?
        let features: [Text<1, 200>]?
        let isActive: Bool?
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> PartnerPlan {
        let now = app.now()
        return try await app.commit(by: caller) { db in
            let plan = try PartnerPlan.require(input.id.value, db)
            var terms = try Plans.Terms(plan, db)
            terms.name = input.name?.value ?? terms.name
            terms.description = input.description?.value ?? terms.description
            terms.features = input.features?.map(\.value) ?? terms.features
            terms.limits = try PartnerPlanTerms(
                apiLimit: input.apiLimit?.value,
                maxApps: input.maxApps?.value,
                overagePrice: input.overagePrice
            ).apply(to: terms.limits)
            try Plans.put(plan.code, terms, db)
            if let price = input.monthlyPrice {
                try PartnerPlanTerms.setPrice(price, "monthlyPrice", every: .month, of: plan.id, at: now, db)
            }
            if let price = input.yearlyPrice {
                try PartnerPlanTerms.setPrice(price, "yearlyPrice", every: .year, of: plan.id, at: now, db)
            }
            if let isActive = input.isActive, isActive != (plan.archivedAt == nil) {
                try ChangePlanTerms.archive(!isActive, plan, at: now, db)
            }
            try Plans.noteChange(of: plan.id, at: now, db)
            try Audit.record(.planEdited, by: caller, account: nil, target: "plan:\(plan.code)", at: now, db)
            return try PartnerPlan(try PartnerPlan.require(plan.code, db), at: now, db)
        }
    }
}

/// `DELETE /api/admin/pricing-plans/{id}`: no longer offered; who has it keeps it.
struct ArchivePartnerPlan: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<1, 64>
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Success {
        let now = app.now()
        return try await app.store.write { db in
            let plan = try PartnerPlan.require(input.id.value, db)
            guard plan.archivedAt == nil else { return Success() }
            try ChangePlanTerms.archive(true, plan, at: now, db)
            try Plans.noteChange(of: plan.id, at: now, db)
            try Audit.record(.planArchived, by: caller, account: nil, target: "plan:\(plan.code)", at: now, db)
            return Success()
        }
    }
}
