import Storage
import Web

/// `GET /api/v1/billing/usage`: what was used today and this month, and how that stands against the plan's credits
/// (contract, section 4). With Lago configured a month's figure is the larger of ours and Lago's: it has what we passed
/// on, and what other systems report.
struct ShowBillingUsage: Endpoint {
    /// One figure for each of ``Meter/credits``.
    struct Figures: Codable, Sendable {
        var inference: Int64 = 0
        var embedding: Int64 = 0
        var tts: Int64 = 0
        var stt: Int64 = 0

        init(_ quantity: (Meter) throws -> Int64) rethrows {
            (inference, embedding) = (try quantity(.inferences), try quantity(.embedding))
            (tts, stt) = (try quantity(.tts), try quantity(.stt))
        }

        /// Each is what clients count, so the sum may be past 64 bits.
        var sum: Int64 {
            [inference, embedding, tts, stt].reduce(0) { sum, next in
                let (both, overflows) = sum.addingReportingOverflow(next)
                return overflows ? .max : both
            }
        }
    }

    struct Usage: Codable, Sendable {
        let today: Figures
        let month: Figures
    }

    struct Credits: Codable, Sendable {
        let tier: String
        let includedCredits: Int64
        let used: Int64
        let remaining: Int64
        let overage: Int64
        let overageCost: Amount
        let pricePer1000: UnitPrice

        enum CodingKeys: String, CodingKey {
            case tier, used, remaining, overage
            case includedCredits = "included_credits"
            case overageCost = "overage_cost"
            case pricePer1000 = "price_per_1k"
        }

        init(_ allowance: CreditAllowance, tier: String) {
            self.tier = tier
            (includedCredits, used, remaining) = (allowance.included, allowance.used, allowance.remaining)
            overage = allowance.overage
            overageCost = Amount(allowance.overageCost)
            pricePer1000 = allowance.pricePer1000
        }
    }

    struct Answer: JSONOutput {
        let usage: Usage
        let credits: Credits
        let tier: String
        /// Lago's own figures of the month; null where it is not configured, or does not answer.
        let lago: Nullable<Figures>
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        let now = app.now()
        let time = try app.store.read { db in try Accounts.time(of: accountID, at: now, db) }
        let theirs = await app.lago?.monthlyUsage(of: accountID, in: time.month, app)
        return try app.store.read { db in
            let today = try Figures { meter in
                try UsageRollups.byDay(meter, of: accountID, time.day...time.day, db)[time.day]?.quantity ?? 0
            }
            let month = try Figures { meter in
                let ours = try UsageRollups.month(time.month, meter, of: accountID, db).quantity
                return max(ours, theirs?[meter.rawValue] ?? 0)
            }
            let tier = try Plans.find(ofAccount: accountID, db)?.code ?? Plans.free
            let prices = try PresentPrices.find(of: accountID, at: time, db)?.prices
            return Answer(
                usage: Usage(today: today, month: month),
                credits: Credits(try CreditAllowance(used: month.sum, under: prices), tier: tier),
                tier: tier,
                lago: Nullable(theirs.map { theirs in Figures { theirs[$0.rawValue] ?? 0 } })
            )
        }
    }
}
