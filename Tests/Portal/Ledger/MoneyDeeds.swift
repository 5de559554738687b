import Storage
import Web

@testable import Portal

extension MoneyStory {
    /// Does it to the store and to the model.
    /// - Returns: whether there was anything to do, and it was not refused.
    mutating func perform(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        switch deed {
        case .register: try register(db)
        case .use, .usePlan: try use(deed, who, db)
        case .grant, .expire, .takeGift, .redeem: try credit(deed, who, db)
        case .raise, .fee, .close: try bill(deed, who, db)
        case .subscribe, .upgrade, .downgrade, .cancel, .cancelNow, .resume: try subscription(deed, who, db)
        case .pay, .payTwice, .topUp: try pay(deed, who, db)
        case .refund, .failRefund, .tell, .dispute, .lose, .win: try payBack(deed, who, db)
        case .void, .writeOff, .note, .noteLine: try correct(deed, who, db)
        case .amend, .voidUse: try correctUse(deed, who, db)
        }
    }

    /// Mostly odd fractions of a cent; sometimes beyond the threshold at once.
    private mutating func use(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        let actor = actors[who]
        var (meter, unitMicros, quantity) = (Meter.shots, Int64(0), Int64(1))
        if deed == .usePlan {
            meter = Meter.credits.randomElement(using: &numbers) ?? .tts
            quantity = Int64.random(in: 0...20_000, using: &numbers)
        } else {
            unitMicros = [7, 333, 4999, 20_000, 1_234_567, 6_543_210].randomElement(using: &numbers) ?? 1
            quantity = Int64.random(in: 0...40, using: &numbers)
        }
        var batch = UsageBatch(
            accountID: actor.account,
            keyID: actor.key,
            usageMicros: try Accounts.usageMicros(of: actor.account, db),
            now: now,
            threshold: Cents(MoneyModel.threshold),
            meterReports: nil
        )
        let event = UsageEvent(
            meter: meter,
            backend: Backend(known: "backend-\(unitMicros % 2)"),
            quantity: quantity,
            price: Prices.Price(unitMicros: unitMicros, isSimulator: false),
            occurredAt: now
        )
        let id = try batch.add(event, db) ?? 0
        try batch.finish(db)
        actors[who].uses.append(
            Use(id: id, unitMicros: unitMicros, quantity: quantity, count: actors[who].model.plan.count)
        )
        if deed == .usePlan { actors[who].model.plan.units += quantity }
        actors[who].model.use(unitMicros * quantity, at: now.milliseconds)
        return true
    }

    private mutating func credit(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        let account = actors[who].account
        switch deed {
        case .grant:
            let amount = Int64.random(in: 1...2000, using: &numbers)
            let priority = Int64.random(in: 0...100, using: &numbers)
            let end = Bool.random(using: &numbers) ? now.adding(days: Int.random(in: 1...60, using: &numbers)) : nil
            try CreditGrants.give(
                Cents(amount),
                kind: .promotion,
                name: "gift",
                to: account,
                priority: priority,
                expiresAt: end,
                at: now,
                db
            )
            let until = end?.milliseconds
            actors[who].model.give(amount, isPaid: false, priority: priority, until: until, at: now.milliseconds)
        case .expire:
            try CreditGrants.expireDue(of: account, at: now, db)
            actors[who].model.expire(at: now.milliseconds)
        case .takeGift:
            let grants = actors[who].model.purse.grants
            let index = grants.indices.filter { !grants[$0].isPaid }.randomElement(using: &numbers)
            guard let index else { return false }
            let isDone = actors[who].model.takeGift(index)
            let id: Int64? = try db.value(
                "SELECT id FROM credit_grant WHERE account_id = ? ORDER BY id LIMIT 1 OFFSET ?",
                account,
                index
            )
            return try agree(isDone, "taking back a gift") { _ = try CreditGrants.void(id ?? 0, at: now, db) }
        default:
            guard let coupon = TermsModel.offered.randomElement(using: &numbers) else { return false }
            let isDone = actors[who].model.terms.redeem(coupon)
            return try agree(isDone, "redeeming") { _ = try Coupons.redeem(coupon.code, account, at: now, db) }
        }
        return true
    }

    private mutating func bill(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        let account = actors[who].account
        switch deed {
        case .raise:
            try Invoices.raise(account, at: now, db)
            actors[who].model.bill([], .usage, at: now.milliseconds)
        case .fee:
            let fee = Int64.random(in: 1...5000, using: &numbers)
            var draft = InvoiceDraft(of: account, in: .usd, reason: .manual, description: "By hand")
            draft.add([DraftLine(.manual, "Work", Money(fee, .usd), postedAs: .revenue)])
            _ = try Invoices.finalize(draft, at: now, db)
            actors[who].model.bill([fee], .manual, at: now.milliseconds)
        default: return try close(who, db)
        }
        return true
    }

    /// - Returns: whether a period was over.
    private mutating func close(_ who: Int, _ db: borrowing Database) throws -> Bool {
        let isDue = actors[who].model.plan.nextClose <= now
        try Closing.catchUp(actors[who].account, at: now, db)
        actors[who].model.close(at: now)
        return isDue
    }

    private mutating func subscription(_ deed: Deed, _ who: Int, _ db: borrowing Database) throws -> Bool {
        _ = try close(who, db)
        let account = actors[who].account
        let chosen = Int.random(in: 0..<PlanModel.all.count, using: &numbers)
        let (plan, version) = (PlanModel.all[chosen], versions[chosen])
        guard let before = actors[who].model.plan.live else {
            guard deed == .subscribe else { return false }
            try Subscriptions.begin(account, version, by: nil, at: now, db)
            actors[who].model.subscribe(to: plan, at: now)
            return true
        }
        let live = try Subscriptions.require(of: account, db)
        switch deed {
        case .subscribe: return false
        case .upgrade:
            guard plan.code != before.plan.code else { return false }
            try SubscriptionSwitch(live: live, version: version).apply(by: nil, at: now, db)
            actors[who].model.change(to: plan, at: now)
        case .downgrade:
            guard plan.code != before.plan.code, !before.ends else { return false }
            try Subscriptions.setNext(version, live.id, db)
            actors[who].model.plan.live?.next = plan
        case .cancel, .resume:
            try Subscriptions.setCancelling(deed == .cancel ? now : nil, live.id, db)
            try Subscriptions.setNext(nil, live.id, db)
            actors[who].model.plan.live?.ends = deed == .cancel
            actors[who].model.plan.live?.next = nil
        default:
            let givesBack = Bool.random(using: &numbers)
            try Subscriptions.end(live, isProrated: givesBack, by: nil, at: now, db)
            actors[who].model.end(at: now, givesBack: givesBack)
        }
        return true
    }
}
