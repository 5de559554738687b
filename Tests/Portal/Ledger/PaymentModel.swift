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
    /// What it paid of invoices, in that order.
    var invoices: [(number: Int, amount: Int64)] = []
    /// The credit notes by which refunds came off them, in the order in which they were made out; nil: its tax is not
    /// known yet.
    var notes: [(number: Int, amount: Int64, tax: Int64?)] = []
    var lost: (credit: Int64, loss: Int64) = (0, 0)
    var held: Int64 = 0

    var noted: Int64 { notes.reduce(0) { $0 + $1.amount } }
    var left: Int64 { amount - refunded.credit - refunded.revenue - noted - lost.credit - lost.loss - held }

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
        var payment = PaymentModel(id: id, amount: amount)
        let open = open
        // What is too small to be paid by itself goes along with one that is meant.
        let small = index == nil ? [] : open.filter { $0 != index && invoices[$0].owed < 50 }
        for index in open.filter({ $0 == index }) + small + open.filter({ $0 != index && !small.contains($0) }) {
            let part = min(rest, invoices[index].owed)
            invoices[index].paid += part
            if part > 0 { payment.invoices.append((index, part)) }
            rest -= part
        }
        let part = min(rest, unbilled)
        unbilled -= part
        house.cash += amount
        payments.append(payment)
        give(rest - part, isPaid: true, payment: id, at: now)
    }

    /// Brings to pass what the refunds and disputes of a payment ask for: refunds take the credit that it left first,
    /// then losses do; then they come off the invoices that it paid.
    mutating func settle(_ index: Int, at now: Int64) {
        let payment = payments[index]
        let wanted = payment.wanted
        let taken = payment.refunded.credit + payment.lost.credit
        let there = taken + purse.grants.reduce(0) { $0 + ($1.payment == payment.id ? $1.remaining : 0) }
        let forRefunds = min(wanted.refunded, there)
        let forLoss = min(wanted.lost, there - forRefunds)
        note(wanted.refunded - forRefunds, of: index)
        payments[index].refunded = (forRefunds, wanted.refunded - forRefunds - payments[index].noted)
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

    /// Takes notes back that say too much, the last first, and makes others out; ``adopt(_:_:)`` learns their taxes.
    private mutating func note(_ amount: Int64, of index: Int) {
        var rest = amount
        for (number, paid) in payments[index].invoices {
            let before = payments[index].notes.reduce(0) { $0 + ($1.number == number ? $1.amount : 0) }
            let part = min(rest, paid, notable(number) + before)
            rest -= part
            var noted = before
            while noted > part, let last = payments[index].notes.lastIndex(where: { $0.number == number }) {
                let note = payments[index].notes.remove(at: last)
                noted -= note.amount
                parts[number].noted.total -= note.amount
                parts[number].noted.tax -= note.tax ?? 0
                house.revenue -= note.amount - (note.tax ?? 0)
                house.tax -= note.tax ?? 0
            }
            guard noted < part else { continue }
            payments[index].notes.append((number, part - noted, nil))
            parts[number].noted.total += part - noted
        }
    }

    /// The tax in a note that was made out.
    mutating func adopt(_ tax: Int64, _ note: Int, of index: Int) {
        let (number, amount, _) = payments[index].notes[note]
        payments[index].notes[note].tax = tax
        parts[number].noted.tax += tax
        house.revenue += amount - tax
        house.tax += tax
    }
}
