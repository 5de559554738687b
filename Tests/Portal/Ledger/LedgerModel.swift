@testable import Portal

/// What an account's books must say, reckoned without a ledger: in millionths and cents, by the rules alone.
struct LedgerModel {
    struct Invoice: Equatable {
        var total: Int64
        var paid: Int64 = 0
        var isVoid = false

        var owed: Int64 { isVoid ? 0 : total - paid }
    }

    struct Payment {
        let amount: Int64
        var refunded: Int64 = 0
        /// Of what was paid ahead, what may still be taken back.
        var ahead: Int64
    }

    var usedMicros: Int64 = 0
    var credit: Int64 = 0
    var unbilled: Int64 = 0
    var invoices: [Invoice] = []
    var payments: [Payment] = []

    var receivable: Int64 { invoices.reduce(0) { $0 + $1.owed } }
    var cash: Int64 { payments.reduce(0) { $0 + $1.amount - $1.refunded } }

    mutating func use(_ micros: Int64, threshold: Int64) {
        let before = (usedMicros + 5000) / 10_000
        usedMicros += micros
        let charge = (usedMicros + 5000) / 10_000 - before
        let fromCredit = min(charge, credit)
        spend(fromCredit)
        unbilled += charge - fromCredit
        if charge > 0, unbilled >= threshold { raise() }
    }

    mutating func raise() {
        guard unbilled > 0 else { return }
        let fromCredit = min(unbilled, credit)
        spend(fromCredit)
        invoices.append(Invoice(total: unbilled, paid: fromCredit))
        unbilled = 0
    }

    /// - Returns: false for one that cannot be taken back.
    mutating func void(_ index: Int) -> Bool {
        guard !invoices[index].isVoid, invoices[index].paid == 0 else { return false }
        unbilled += invoices[index].total
        invoices[index].isVoid = true
        return true
    }

    mutating func pay(_ amount: Int64) {
        var rest = amount
        for index in invoices.indices {
            let part = min(rest, invoices[index].owed)
            invoices[index].paid += part
            rest -= part
        }
        let part = min(rest, unbilled)
        unbilled -= part
        rest -= part
        credit += rest
        payments.append(Payment(amount: amount, ahead: rest))
    }

    mutating func refund(_ index: Int, upTo sum: Int64) {
        let grows = min(sum, payments[index].amount) - payments[index].refunded
        guard grows > 0 else { return }
        payments[index].refunded += grows
        let back = min(grows, payments[index].ahead)
        payments[index].ahead -= back
        credit -= back
    }

    /// Gifts are used first, then what was paid ahead, the oldest first.
    private mutating func spend(_ amount: Int64) {
        let gifts = credit - payments.reduce(0) { $0 + $1.ahead }
        credit -= amount
        var rest = amount - min(amount, gifts)
        for index in payments.indices {
            let part = min(rest, payments[index].ahead)
            payments[index].ahead -= part
            rest -= part
        }
    }
}
