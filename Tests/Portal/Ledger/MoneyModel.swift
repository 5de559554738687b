@testable import Portal

/// What an account's books must say, reckoned without a ledger: plain numbers in cents, by the rules alone.
struct MoneyModel {
    struct Invoice: Equatable {
        var total: Int64
        var paid: Int64 = 0
        var credited: Int64 = 0
        var writtenOff: Int64 = 0
        var isVoid = false

        var owed: Int64 { isVoid ? 0 : total - paid - credited - writtenOff }
    }

    /// What has to be known of an invoice beside how it stands.
    struct Parts {
        let issuedAt: Int64
        /// Of the use, as it was charged.
        let use: Int64
        /// What it earned of itself, and what of all was given away.
        let earned: Int64
        let tax: Int64
        /// By code.
        let coupons: [String]
        /// What credit notes took, and the tax in it.
        var noted: (total: Int64, tax: Int64) = (0, 0)
    }

    /// The house's part, debits less credits.
    struct House: Equatable {
        var cash: Int64 = 0
        var revenue: Int64 = 0
        var promotion: Int64 = 0
        var tax: Int64 = 0
        var disputed: Int64 = 0
        var loss: Int64 = 0
    }

    static let threshold: Int64 = 50_00

    var usedMicros: Int64 = 0
    var unbilled: Int64 = 0
    var purse = GrantModel()
    var invoices: [Invoice] = []
    var parts: [Parts] = []
    var payments: [PaymentModel] = []
    var terms = TermsModel()
    var plan = SubscriptionModel()
    var house = House()

    var credit: Int64 { purse.credit }
    var receivable: Int64 { invoices.reduce(0) { $0 + $1.owed } }

    /// Invoices that something is owed by, in the order in which they are paid.
    var open: [Int] {
        invoices.indices.filter { invoices[$0].owed > 0 }.sorted {
            (parts[$0].issuedAt, $0) < (parts[$1].issuedAt, $1)
        }
    }

    // MARK: Use

    mutating func use(_ micros: Int64, at now: Int64) {
        let before = (usedMicros + 5000) / 10_000
        usedMicros += micros
        let charge = (usedMicros + 5000) / 10_000 - before
        guard charge > 0 else { return }
        let fromCredit = min(charge, credit)
        purse.spend(fromCredit)
        unbilled += charge - fromCredit
        house.revenue -= charge
        if unbilled >= Self.threshold { bill([], .threshold, at: now) }
    }

    /// A use that no invoice asks for yet counts so much more or less. What was paid for it becomes credit.
    mutating func amend(_ micros: Int64, at now: Int64) {
        let before = (usedMicros + 5000) / 10_000
        usedMicros += micros
        let step = (usedMicros + 5000) / 10_000 - before
        house.revenue -= step
        let fromCredit = step > 0 ? min(step, credit) : 0
        purse.spend(fromCredit)
        let back = max(0, -step - unbilled)
        unbilled += step - fromCredit + back
        give(back, isPaid: true, at: now)
    }

    // MARK: Credit

    mutating func give(
        _ amount: Int64,
        isPaid: Bool,
        priority: Int64 = 70,
        until end: Int64? = nil,
        payment: String? = nil,
        at now: Int64
    ) {
        guard amount > 0 else { return }
        let grant = GrantModel.Grant(
            id: Int64(purse.grants.count),
            priority: priority,
            expiresAt: end,
            isPaid: isPaid,
            payment: payment,
            remaining: amount,
            createdAt: now
        )
        purse.grants.append(grant)
        if !isPaid { house.promotion += amount }
    }

    mutating func expire(at now: Int64) {
        let before = purse.lost.gifts
        purse.expire(at: now)
        house.promotion -= purse.lost.gifts - before
    }

    /// - Returns: false where nothing is left to take back.
    mutating func takeGift(_ index: Int) -> Bool {
        guard !purse.grants[index].isPaid, purse.grants[index].remaining > 0 else { return false }
        house.promotion -= purse.grants[index].remaining
        purse.end(index)
        return true
    }

    // MARK: Invoices

    enum Reason { case usage, threshold, plan, manual }

    /// Asks for all use that is unbilled, and for these amounts.
    mutating func bill(_ fees: [Int64], _ reason: Reason, at now: Int64) {
        if reason != .threshold, reason != .manual { (plan.units, plan.count) = (0, plan.count + 1) }
        let use = reason == .manual ? 0 : unbilled
        guard use != 0 || fees.contains(where: { $0 != 0 }) else { return }
        let fee = fees.reduce(0, +)
        let bill = terms.bill(max(0, use + fee), takesCoupons: reason != .manual)
        let earned = fee - bill.discount - bill.included
        unbilled -= use
        house.revenue -= earned
        house.tax -= bill.tax
        parts.append(Parts(issuedAt: now, use: use, earned: earned, tax: bill.tax, coupons: bill.coupons))
        give(max(0, -use - fee), isPaid: true, at: now)
        let paid = min(bill.total, credit)
        purse.spend(paid)
        invoices.append(Invoice(total: bill.total, paid: paid))
    }

    /// - Returns: false for one that cannot be taken back.
    mutating func void(_ index: Int) -> Bool {
        guard invoices[index].owed > 0, invoices[index].owed == invoices[index].total else { return false }
        unbilled += parts[index].use
        house.revenue += parts[index].earned
        house.tax += parts[index].tax
        terms.giveBack(parts[index].coupons)
        invoices[index].isVoid = true
        return true
    }

    mutating func writeOff(_ index: Int) -> Bool {
        let owed = invoices[index].owed
        guard owed > 0 else { return false }
        house.loss += owed
        invoices[index].writtenOff += owed
        return true
    }

    /// What a credit note may still take.
    func notable(_ index: Int) -> Int64 {
        invoices[index].isVoid ? 0 : invoices[index].total - invoices[index].writtenOff - parts[index].noted.total
    }

    /// - Parameter tax: the part of it that is tax; ``isFair(_:of:_:)`` says whether that is right.
    mutating func note(_ amount: Int64, tax: Int64, on index: Int, at now: Int64) {
        let fromOwed = min(amount, invoices[index].owed)
        invoices[index].credited += fromOwed
        parts[index].noted.total += amount
        parts[index].noted.tax += tax
        house.revenue += amount - tax
        house.tax += tax
        give(amount - fromOwed, isPaid: true, at: now)
    }

    /// All notes together give back the same part of the tax as of the total, to a cent for each line; and all of it
    /// with the last cent.
    /// - Parameters:
    ///   - tax: of a note for `amount` that the model does not have yet.
    func isFair(_ tax: Int64 = 0, of amount: Int64 = 0, on index: Int, lines: Int64) -> Bool {
        let (total, noted) = (invoices[index].total, parts[index].noted)
        let (wholeTax, sum, sumTax) = (parts[index].tax, noted.total + amount, noted.tax + tax)
        if sum == total { return sumTax == wholeTax }
        return abs(sumTax * total - wholeTax * sum) <= 2 * lines * total
    }
}
