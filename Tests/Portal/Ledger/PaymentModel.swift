/// A payment, and what of it goes back.
struct PaymentModel {
    enum State { case good, failed }
    enum Dispute { case open, won, lost }

    let id: String
    let amount: Int64
    var refunds: [(amount: Int64, state: State)] = []
    /// What the provider said went back in all, at most.
    var told: Int64 = 0
    var disputes: [(amount: Int64, state: Dispute)] = []
    /// What was taken so far: of the credit it left, of revenue, as a loss, and held back.
    var refunded: (credit: Int64, revenue: Int64) = (0, 0)
    var lost: (credit: Int64, loss: Int64) = (0, 0)
    var held: Int64 = 0

    var left: Int64 { amount - refunded.credit - refunded.revenue - lost.credit - lost.loss - held }

    /// What should have gone back by now.
    var wanted: (refunded: Int64, lost: Int64, held: Int64) {
        let good = refunds.filter { $0.state == .good }.reduce(0) { $0 + $1.amount }
        let failed = refunds.filter { $0.state == .failed }.reduce(0) { $0 + $1.amount }
        let back = min(amount, max(good, told - failed, 0))
        let lost = min(amount - back, disputes.filter { $0.state == .lost }.reduce(0) { $0 + $1.amount })
        let held = min(amount - back - lost, disputes.filter { $0.state == .open }.reduce(0) { $0 + $1.amount })
        return (back, lost, held)
    }
}

extension MoneyModel {
    mutating func pay(_ amount: Int64, _ id: String, meantFor index: Int? = nil, at now: Int64) {
        var rest = amount
        let open = open
        for index in open.filter({ $0 == index }) + open.filter({ $0 != index }) {
            let part = min(rest, invoices[index].owed)
            invoices[index].paid += part
            rest -= part
        }
        let part = min(rest, unbilled)
        unbilled -= part
        house.cash += amount
        payments.append(PaymentModel(id: id, amount: amount))
        give(rest - part, isPaid: true, payment: id, at: now)
    }

    /// Brings to pass what the refunds and disputes of a payment ask for: refunds take the credit that it left first,
    /// then losses do.
    mutating func settle(_ index: Int, at now: Int64) {
        let payment = payments[index]
        let wanted = payment.wanted
        let taken = payment.refunded.credit + payment.lost.credit
        let there = taken + purse.grants.reduce(0) { $0 + ($1.payment == payment.id ? $1.remaining : 0) }
        let forRefunds = min(wanted.refunded, there)
        let forLoss = min(wanted.lost, there - forRefunds)
        payments[index].refunded = (forRefunds, wanted.refunded - forRefunds)
        payments[index].lost = (forLoss, wanted.lost - forLoss)
        payments[index].held = wanted.held
        house.cash += payments[index].left - payment.left
        house.revenue += payments[index].refunded.revenue - payment.refunded.revenue
        house.loss += payments[index].lost.loss - payment.lost.loss
        house.disputed += payments[index].held - payment.held
        let more = forRefunds + forLoss - taken
        if more > 0 { _ = purse.takeBack(more, of: payment.id) }
        give(-more, isPaid: true, payment: payment.id, at: now)
    }
}
