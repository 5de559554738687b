import Storage
import Testing

@testable import Portal

@Suite("A partner's bill")
struct PartnerBillingTests {
    let unit: UnitStore
    let noon = UnitStore.noon

    init() throws {
        unit = try UnitStore()
    }

    @Test("counts an invoice's calls in its own period, and what of it is for those beyond the plan")
    func periods() throws {
        let dora = try unit.account("dora", plan: "partner_growth")
        let shown = try unit.store.writeBlocking { db in
            for (day, calls) in [(1, 7), (14, 20), (15, 3), (16, 100)] {
                try db.run(
                    "INSERT INTO call_day (account_id, day, calls) VALUES (?, ?, ?)",
                    dora.account,
                    Day(year: 2026, month: 3, day: day).number,
                    calls
                )
            }
            var batch = UsageBatch(
                accountID: dora.account,
                keyID: dora.key,
                usageMicros: 0,
                now: noon,
                threshold: Cents(1_000_000),
                meterReports: nil
            )
            for (meter, micros) in [(Meter.calls, Int64(500)), (.shots, 1_000_000)] {
                let price = Prices.Price(unitMicros: micros, isSimulator: false)
                let backend = Backend(known: meter == .calls ? "overage" : "ibm_torino")
                let quantity: Int64 = meter == .calls ? 3000 : 2
                let event = UsageEvent(
                    meter: meter,
                    backend: backend,
                    quantity: quantity,
                    price: price,
                    occurredAt: noon
                )
                _ = try batch.add(event, db)
            }
            try batch.finish(db)
            var draft = try Invoices.draft(of: dora.account, reason: .period, db)
            draft.period = Timestamp(day: Day(year: 2026, month: 3, day: 14))..<noon
            _ = try Invoices.finalize(draft, at: noon, db)
            return try require(try PartnerInvoice.newest(of: dora.account, limit: 12, at: noon, db).first)
        }
        #expect(shown.amount.text == "3.50")
        #expect(shown.overageAmount.text == "1.50")
        #expect(shown.apiUsage == 23)
        #expect(shown.status == .pending)
        #expect(shown.billingPeriodStart.text == "2026-03-14T00:00:00.000Z")
    }

    @Test(
        "names a plan's type by its code, and by its price where the code says nothing",
        arguments: [
            ("partner_free", true, PartnerPlan.Kind.free), ("partner_pro_2027", false, .pro),
            ("billing_enterprise", false, .enterprise), ("partner_odd", true, .free), ("odd", false, .enterprise),
        ]
    )
    func kinds(code: String, isFree: Bool, kind: PartnerPlan.Kind) throws {
        let plan = try unit.store.writeBlocking { db in
            let family = Plans.Family.allCases.first { code.hasPrefix("\($0.rawValue)_") } ?? .metered
            if try Plans.find(code: code, db) == nil {
                try Plans.put(code, Plans.Terms(name: code, family: family), db)
            }
            return try require(try Plans.find(code: code, db))
        }
        #expect(PartnerPlan.Kind(plan, isFree: isFree) == kind)
    }

    @Test("ends on the program's free plan, not on another family's")
    func freePlan() throws {
        let dora = try unit.account("dora", plan: "partner_free", credit: Cents(100_00))
        try unit.store.writeBlocking { db in
            let growth = try PlanVersions.offered("partner_growth", .month, to: dora.account, at: noon, db)
            try Subscriptions.begin(dora.account, growth, by: nil, at: noon, db)
            try Subscriptions.cancelNow(dora.account, at: noon.adding(days: 3), db)
            #expect(try Plans.find(ofAccount: dora.account, db)?.code == "partner_free")
        }
    }
}
