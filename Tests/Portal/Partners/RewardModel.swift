@testable import Portal

/// What rewards should be, told as plainly as can be: no books, no tables, whole lists gone through each time.
struct RewardModel {
    enum Kind: Int, CaseIterable {
        case fixed, percentage, levels
    }

    struct Code {
        let id: String
        let code: String
        let kind: Kind
        let referrer: String
        var isFlagged = false
        var isRejected = false
    }

    struct Deal {
        let id: String
        let code: Int
        let referee: String
        let amount: Int64
        let at: Timestamp
        var back: Int64 = 0
        /// One flag of its own: it was the referrer who converted.
        var isFlagged: Bool
        var counts: Bool
        var isRejected = false
    }

    struct Share: Equatable {
        let deal: Int
        let level: Int64
        let user: String
        let amount: Int64
        var taken: Int64 = 0
        var status = Reward.Status.pending
        var isReversed = false
        var wasApproved = false
        var got: Int64?

        var kept: Int64 { status == .cancelled ? 0 : amount - taken }
    }

    static let holdDays = 5
    static let expiryDays = 10

    var codes: [Code] = []
    var deals: [Deal] = []
    var shares: [Share] = []

    // MARK: Deeds

    mutating func convert(_ code: Int, _ referee: String, _ amount: Int64, id: String, at now: Timestamp) {
        let isSelf = codes[code].referrer == referee
        let isHeld = isSelf || codes[code].isFlagged
        deals.append(
            Deal(
                id: id,
                code: code,
                referee: referee,
                amount: amount,
                at: now,
                isFlagged: isSelf,
                counts: !isHeld
            )
        )
        if !isHeld { earn(deals.count - 1) }
    }

    private mutating func earn(_ number: Int) {
        let deal = deals[number]
        let code = codes[deal.code]
        guard code.referrer != deal.referee else { return }
        switch code.kind {
        case .fixed:
            add(number, 1, code.referrer, 1000)
        case .percentage:
            // An eighth, at most 20 dollars.
            let part = min(2000, (deal.amount * 2 + 8) / 16)
            add(number, 1, code.referrer, part)
            add(number, 0, deal.referee, part)
        case .levels:
            add(number, 1, code.referrer, 600)
            let first = deals.first { other in
                codes[other.code].kind == .levels && other.referee == code.referrer && other.counts
                    && other.back < other.amount
            }
            guard let first else { break }
            let second = codes[first.code].referrer
            if second != code.referrer, second != deal.referee { add(number, 2, second, 150) }
        }
        take(number)
    }

    private mutating func add(_ deal: Int, _ level: Int64, _ user: String, _ amount: Int64) {
        if amount > 0 { shares.append(Share(deal: deal, level: level, user: user, amount: amount)) }
    }

    mutating func refund(_ deal: Int, _ amount: Int64) {
        deals[deal].back += amount
        take(deal)
    }

    private mutating func take(_ deal: Int) {
        guard deals[deal].counts else { return }
        let (back, whole) = (deals[deal].back, deals[deal].amount)
        for index in shares.indices where shares[index].deal == deal {
            let share = shares[index]
            guard share.status != .cancelled || share.isReversed else { continue }
            shares[index].taken = (share.amount * back * 2 + whole) / (whole * 2)
            if shares[index].taken == share.amount {
                (shares[index].status, shares[index].isReversed) = (.cancelled, true)
            }
        }
    }

    func isUnderReview(_ code: Int) -> Bool {
        codes[code].isFlagged || deals.contains { $0.code == code && $0.isFlagged }
    }

    /// - Returns: whether that step is there to be taken.
    mutating func set(_ status: Reward.Status, _ share: Int) -> Bool {
        let old = shares[share]
        let steps: [Reward.Status: [Reward.Status]] = [
            .pending: [.approved, .paid, .cancelled], .approved: [.paid, .cancelled],
        ]
        guard steps[old.status, default: []].contains(status) else { return false }
        if status != .cancelled, isUnderReview(deals[old.deal].code) { return false }
        if status == .paid {
            // Users may get what they may keep of all that was paid, less what they got.
            let paid = shares.filter { $0.user == old.user && $0.got != nil }
            let (kept, got) = (paid.reduce(0) { $0 + $1.kept }, paid.reduce(0) { $0 + ($1.got ?? 0) })
            shares[share].got = max(0, kept + old.kept - got)
        }
        shares[share].wasApproved = old.wasApproved || status != .cancelled
        shares[share].status = status
        return true
    }

    mutating func flag(_ code: Int) { codes[code].isFlagged = true }

    mutating func resolve(_ code: Int, _ resolution: FraudFlag.Resolution) {
        let isAboutAll = codes[code].isFlagged
        codes[code].isFlagged = false
        if resolution == .fraud, isAboutAll { codes[code].isRejected = true }
        for index in deals.indices where deals[index].code == code {
            let wasFlagged = deals[index].isFlagged
            deals[index].isFlagged = false
            guard isAboutAll || wasFlagged, !deals[index].isRejected else { continue }
            if resolution == .fraud {
                reject(index)
            } else if !deals[index].counts {
                deals[index].counts = true
                earn(index)
            }
        }
    }

    private mutating func reject(_ deal: Int) {
        (deals[deal].counts, deals[deal].isRejected) = (false, true)
        for index in shares.indices where shares[index].deal == deal && shares[index].status != .cancelled {
            shares[index].status = .cancelled
        }
    }

    mutating func pass(to now: Timestamp) {
        for index in shares.indices {
            let deal = deals[shares[index].deal]
            guard !isUnderReview(deal.code) else { continue }
            let due = deal.at.adding(days: Self.holdDays)
            let isOpen = shares[index].status == .pending || shares[index].status == .approved
            if isOpen, codes[deal.code].kind == .fixed, due.adding(days: Self.expiryDays) <= now {
                shares[index].status = .cancelled
            } else if shares[index].status == .pending, due <= now {
                (shares[index].status, shares[index].wasApproved) = (.approved, true)
            }
        }
    }

    // MARK: What follows

    /// Debits less credits of the four sides: cost, held, due, paid.
    var sides: [Int64] {
        let got = shares.reduce(0) { $0 + ($1.got ?? 0) }
        let cost = shares.reduce(0) { $0 + $1.kept }
        let held = shares.filter { $0.status == .pending }.reduce(0) { $0 + $1.kept }
        return [cost, -held, held + got - cost, -got]
    }
}
