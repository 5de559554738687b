@testable import Portal

/// A plan of the model, in cents; units of its meter in millionths of a dollar.
struct PlanModel {
    let code: String
    let interval: BillingInterval
    let fee: Int64
    /// Due with each period or change, in whole, and never given back.
    var once: Int64 = 0
    var unitMicros: Int64 = 0
    var included: Int64 = 0
    var minimum: Int64 = 0
    /// Whether part of a period has part of the included units.
    var sharesIncluded = false
    var trialDays: Int64 = 0

    static let all = [
        PlanModel(code: "model-small", interval: .month, fee: 1000, unitMicros: 150, included: 1000),
        PlanModel(
            code: "model-medium",
            interval: .month,
            fee: 4999,
            once: 500,
            unitMicros: 90,
            included: 5000,
            minimum: 700,
            sharesIncluded: true
        ),
        PlanModel(code: "model-trial", interval: .month, fee: 20_001, unitMicros: 33, trialDays: 14),
        PlanModel(code: "model-year", interval: .year, fee: 99_999, unitMicros: 70, included: 100),
        PlanModel(code: "model-week", interval: .week, fee: 333),
    ]

    /// For a part of a period.
    func fees(_ part: Int64, of whole: Int64) -> [Int64] {
        [TermsModel.rounded(fee * part, by: whole), once]
    }

    func used(_ units: Int64, _ part: Int64, of whole: Int64) -> [Int64] {
        guard unitMicros > 0 else { return [] }
        let free = sharesIncluded ? (included * part + whole - 1) / whole : included
        let price = TermsModel.rounded(max(0, units - free) * unitMicros, by: 10_000)
        return [max(price, TermsModel.rounded(minimum * part, by: whole))]
    }
}

/// An account's subscription, or none. When periods begin is ``BillingPeriod``'s, which has tests of its own.
struct SubscriptionModel {
    struct Live {
        var plan: PlanModel
        var next: PlanModel?
        var isTrial: Bool
        var clock: BillingPeriod
        var number: Int64 = 0
        var period: Range<Timestamp>
        var pricedFrom: Timestamp
        var ends = false

        var length: Int64 { period.upperBound.seconds - period.lowerBound.seconds }
    }

    var live: Live?
    var hadTrial = false
    /// Of the plans' meter, on no invoice yet.
    var units: Int64 = 0
    /// How often they were put on one.
    var count = 0
    var nextClose = Timestamp(milliseconds: 0)
}

extension MoneyModel {
    mutating func subscribe(to plan: PlanModel, at now: Timestamp) {
        let isTrial = plan.trialDays > 0 && !self.plan.hadTrial
        let clock = BillingPeriod(anchor: now, interval: plan.interval)
        let period = isTrial ? now..<now.adding(days: Int(plan.trialDays)) : clock.range(0)
        self.plan.live = .init(plan: plan, isTrial: isTrial, clock: clock, period: period, pricedFrom: now)
        self.plan.hadTrial = self.plan.hadTrial || isTrial
        self.plan.nextClose = period.upperBound
        bill(isTrial ? [] : plan.fees(1, of: 1), .plan, at: now.milliseconds)
    }

    /// Use under the prices until now, and what of the fees is not used up.
    private func closing(_ live: SubscriptionModel.Live, at now: Timestamp, givesBack: Bool) -> [Int64] {
        guard !live.isTrial else { return [] }
        let used = live.plan.used(plan.units, now.seconds - live.pricedFrom.seconds, of: live.length)
        let rest = live.period.upperBound.seconds - now.seconds
        return used + (givesBack ? [-TermsModel.rounded(live.plan.fee * rest, by: live.length)] : [])
    }

    /// To another plan at once.
    mutating func change(to plan: PlanModel, at now: Timestamp) {
        guard var live = self.plan.live else { return }
        var lines = closing(live, at: now, givesBack: true)
        let rest = live.period.upperBound.seconds - now.seconds
        if live.isTrial || plan.interval == live.plan.interval {
            if !live.isTrial { lines += plan.fees(rest, of: live.length) }
            live.pricedFrom = now
        } else {
            lines += plan.fees(1, of: 1)
            live.begin(0, of: BillingPeriod(anchor: now, interval: plan.interval))
        }
        (live.plan, live.next) = (plan, nil)
        self.plan.live = live
        self.plan.nextClose = live.period.upperBound
        bill(lines, .plan, at: now.milliseconds)
    }

    mutating func end(at now: Timestamp, givesBack: Bool) {
        guard let live = plan.live else { return }
        let lines = closing(live, at: now, givesBack: givesBack)
        plan.live = nil
        plan.nextClose = now.month.end
        bill(lines, .plan, at: now.milliseconds)
    }

    /// Closes all periods that are over.
    mutating func close(at now: Timestamp) {
        while plan.nextClose <= now {
            guard let live = plan.live else {
                plan.nextClose = now.month.end
                bill([], .usage, at: now.milliseconds)
                continue
            }
            if live.ends {
                end(at: live.period.upperBound, givesBack: false)
                if plan.nextClose <= now { plan.nextClose = now.month.end }
            } else {
                renew(live, at: now)
            }
        }
    }

    private mutating func renew(_ before: SubscriptionModel.Live, at now: Timestamp) {
        var live = before
        live.plan = before.next ?? before.plan
        let lines = closing(before, at: before.period.upperBound, givesBack: false) + live.plan.fees(1, of: 1)
        if before.isTrial || live.plan.interval != before.plan.interval {
            live.begin(0, of: BillingPeriod(anchor: before.period.upperBound, interval: live.plan.interval))
        } else {
            live.begin(before.number + 1, of: before.clock)
        }
        (live.next, live.isTrial) = (nil, false)
        plan.live = live
        plan.nextClose = live.period.upperBound
        bill(lines, .plan, at: now.milliseconds)
    }
}

extension SubscriptionModel.Live {
    mutating func begin(_ number: Int64, of clock: BillingPeriod) {
        (self.clock, self.number, period) = (clock, number, clock.range(number))
        pricedFrom = period.lowerBound
    }
}
