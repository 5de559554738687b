import Storage
import Web

@testable import Portal

/// A house with some accounts to which things happen at random: to the store, and to the model beside it.
struct MoneyStory {
    struct Actor {
        let account: Int64
        let key: Int64
        var model: MoneyModel
        var uses: [Use] = []
    }

    struct Use {
        let id: Int64
        let unitMicros: Int64
        /// As it was put right last.
        var quantity: Int64
        /// The plan's count of units that it went into.
        let count: Int
        var isVoid = false
    }

    enum Deed: CaseIterable {
        case register, use, usePlan, grant, expire, takeGift, redeem, raise, fee, close
        case subscribe, upgrade, downgrade, cancel, cancelNow, resume
        case pay, payTwice, topUp, refund, failRefund, tell, dispute, lose, win, void, writeOff, note, noteLine
        case amend, voidUse
    }

    /// Where the two did not say the same.
    struct Disagreement: Error {
        let seed: UInt64
        let step: Int
        let what: String
    }

    static let mostActors = 8

    let seed: UInt64
    var numbers: SeededNumbers
    var now = Books.start
    var step = 0
    var actors: [Actor] = []
    var versions: [PlanVersions.Version] = []
    /// How often each was done and not refused.
    var done: [Deed: Int] = [:]
    private var taxes: [[Int64]] = []

    init(seed: UInt64) {
        self.seed = seed
        numbers = SeededNumbers(seed: seed)
    }

    mutating func begin(_ db: borrowing Database) throws {
        for plan in PlanModel.all { versions.append(try plan.insert(db)) }
        for coupon in TermsModel.offered { try coupon.insert(db) }
        for taxes in TermsModel.countries { self.taxes.append(try taxes.map { try $0.insert(db) }) }
        for _ in 0..<3 { _ = try register(db) }
    }

    /// One deed, somewhat later than the one before, and whether the account's balances are the model's after it.
    mutating func advance(_ db: borrowing Database) throws {
        step += 1
        now = now.adding(seconds: Int64.random(in: 0...7200, using: &numbers))
        let deed = Self.often.randomElement(using: &numbers) ?? .use
        let who = actors.indices.randomElement(using: &numbers) ?? 0
        if try perform(deed, who, db) { done[deed, default: 0] += 1 }
        let (account, model) = (actors[who].account, actors[who].model)
        try compare(.credit, of: account, -model.credit, deed, db)
        try compare(.unbilled, of: account, model.unbilled, deed, db)
        try compare(.receivable, of: account, model.receivable, deed, db)
    }

    /// Uses and payments happen more often than the rest.
    private static let often =
        Deed.allCases + [.use, .use, .use, .use, .use, .usePlan, .usePlan, .close, .pay, .subscribe]

    private func compare(
        _ side: Ledger.Side,
        of account: Int64,
        _ expected: Int64,
        _ deed: Deed,
        _ db: borrowing Database
    ) throws {
        let value = try Ledger.balance(side, of: account, db).value
        guard value != expected else { return }
        throw disagreement("after \(deed) the \(side) of account \(account) is \(value), and should be \(expected)")
    }

    /// All of the books: each invoice, and the house's sides.
    func compareAll(_ db: borrowing Database) throws {
        for actor in actors {
            let invoices = try db.all(
                """
                SELECT total, paid, credited, written_off, status = 'void' FROM invoice
                WHERE account_id = ? AND kind = 'invoice' ORDER BY id
                """,
                actor.account
            ) { row in
                MoneyModel.Invoice(total: row[0], paid: row[1], credited: row[2], writtenOff: row[3], isVoid: row[4])
            }
            if let index = zip(invoices, actor.model.invoices).enumerated().first(where: { $1.0 != $1.1 })?.offset {
                let pair = "\(invoices[index]), and should be \(actor.model.invoices[index])"
                throw disagreement("invoice \(index) of account \(actor.account) is \(pair)")
            }
            guard invoices.count == actor.model.invoices.count else {
                throw disagreement("account \(actor.account) has \(invoices.count) invoices")
            }
        }
        let house = MoneyModel.House(
            cash: try Ledger.balance(.cash, in: .usd, db).value,
            revenue: try Ledger.balance(.revenue, in: .usd, db).value,
            promotion: try Ledger.balance(.promotion, in: .usd, db).value,
            tax: try Ledger.balance(.tax, in: .usd, db).value,
            disputed: try Ledger.balance(.disputed, in: .usd, db).value,
            loss: try Ledger.balance(.loss, in: .usd, db).value
        )
        let expected = actors.reduce(into: MoneyModel.House()) { $0 += $1.model.house }
        guard house == expected else { throw disagreement("the house has \(house), and should have \(expected)") }
    }

    func disagreement(_ what: String) -> Disagreement { Disagreement(seed: seed, step: step, what: what) }

    /// A refusal is one of the store's where it is one of the model's.
    func agree(_ isDone: Bool, _ deed: String, _ work: () throws -> Void) throws -> Bool {
        do {
            try work()
        } catch let failure as Failure {
            guard !isDone else { throw disagreement("\(deed) was refused: \(failure)") }
            return false
        }
        guard isDone else { throw disagreement("\(deed) should have been refused") }
        return true
    }

    mutating func register(_ db: borrowing Database) throws -> Bool {
        let number = actors.count
        guard number < Self.mostActors, let email = Email("actor\(number)@example.com") else { return false }
        let newcomer = Newcomer(name: "Actor \(number)", email: email, passwordHash: nil)
        let ids = try newcomer.insert(
            key: APIKey(text: "bioql_actor\(number)"),
            digest: [UInt8](repeating: UInt8(number), count: 32),
            credit: Cents(number == 0 ? 0 : 1000),
            at: now,
            db
        )
        var actor = Actor(account: ids.account, key: ids.key, model: MoneyModel())
        actor.model.give(number == 0 ? 0 : 1000, isPaid: false, priority: 50, at: now.milliseconds)
        actor.model.plan.nextClose = now.month.end
        let country = number % taxes.count
        actor.model.terms.taxes = TermsModel.countries[country]
        var profile = BillingProfiles.Profile()
        profile.taxRates = taxes[country]
        try BillingProfiles.set(profile, of: ids.account, at: now, db)
        actors.append(actor)
        return true
    }
}

extension MoneyModel.House {
    static func += (left: inout Self, right: Self) {
        left.cash += right.cash
        left.revenue += right.revenue
        left.promotion += right.promotion
        left.tax += right.tax
        left.disputed += right.disputed
        left.loss += right.loss
    }
}

extension PlanModel {
    func insert(_ db: borrowing Database) throws -> PlanVersions.Version {
        let always = Timestamp(milliseconds: 0)
        let id = try Plans.put(code, Plans.Terms(name: code, trialDays: trialDays), db)
        var items = [PlanPrices.Item(name: "base", model: .flat(UnitPrice(micros: fee * 10_000)))]
        if once > 0 {
            let price = UnitPrice(micros: once * 10_000)
            items.append(PlanPrices.Item(name: "setup", model: .flat(price), prorates: .nothing))
        }
        if unitMicros > 0 {
            let item = PlanPrices.Item(
                name: "credits",
                meter: "credits",
                model: .perUnit(UnitPrice(micros: unitMicros)),
                included: included,
                minimum: UnitPrice(micros: minimum * 10_000),
                prorates: sharesIncluded ? .feesAndAllowances : .fees
            )
            items.append(item)
        }
        let prices = try PlanPrices(currency: .usd, items: items)
        let version = try PlanVersions.insert(prices, every: interval, of: id, from: always, at: always, db)
        return try PlanVersions.require(version, db)
    }
}

extension TermsModel.Coupon {
    func insert(_ db: borrowing Database) throws {
        let reduction: Discount.Reduction =
            if let percent { .percent(basisPoints: percent * 100) } else { .amount(Money(cents, .usd)) }
        let coupon = Coupons.New(
            code: code,
            name: code,
            reduction: reduction,
            invoices: invoicesLeft,
            mostAccounts: nil,
            validUntil: nil
        )
        _ = try Coupons.insert(coupon, at: Books.start, db)
    }
}

extension TermsModel.Tax {
    func insert(_ db: borrowing Database) throws -> Int64 {
        let rate = TaxRate(name: "Tax \(millionths)", millionths: millionths, isInclusive: isIncluded)
        return try TaxRates.insert(TaxRates.New(rate: rate, country: "", isDefault: false), at: Books.start, db)
    }
}
