import Storage

/// What becomes of a reward: its row, the books and the counts follow from one to the next in one transaction.
struct RewardChange {
    let now: Timestamp

    /// Notes a new one, held back.
    func make(_ reward: Reward, _ db: borrowing Database) throws {
        _ = try Rewards.insert(reward, db)
        try post(from: [:], to: reward, "held", db)
        let step = CampaignCounts.Step(rewards: 1, rewardAmount: reward.amount.value)
        try CampaignCounts.add(step, to: reward.campaignID, at: reward.createdAt, db)
        try PartnerEvents.rewardCreated(reward, at: now, db)
    }

    /// It is due.
    func approve(_ reward: Reward, _ db: borrowing Database) throws -> Reward {
        var new = reward
        (new.status, new.approvedAt) = (.approved, now)
        new = try save(new, after: reward, "due", db)
        try PartnerEvents.rewardApproved(new, at: now, db)
        return new
    }

    /// The user gets it, less what was paid out before and had to be taken back since.
    func pay(_ reward: Reward, _ db: borrowing Database) throws -> Reward {
        var new = reward.status == .pending ? try approve(reward, db) : reward
        let old = new
        let carried = try Rewards.carried(by: reward.userID, app: reward.appID, in: reward.currency, db)
        (new.status, new.paidAt) = (.paid, now)
        new.paidOut = max(.zero, new.net + carried)
        new = try save(new, after: old, "paid", db)
        try PartnerEvents.rewardPaid(new, at: now, db)
        return new
    }

    /// Nobody gets it any more; what was paid out of it is a debt.
    func cancel(_ reward: Reward, because reason: Reward.CancelReason, _ db: borrowing Database) throws -> Reward {
        var new = reward
        (new.status, new.cancelReason, new.cancelledAt) = (.cancelled, reason, now)
        new.takenBack = reward.paidAt == nil ? reward.takenBack : reward.amount
        return try save(new, after: reward, "cancelled", db)
    }

    /// So much of it went back in all; with less than before, the rest is there again.
    func take(
        _ amount: Cents,
        of reward: Reward,
        because reason: Reward.CancelReason,
        _ db: borrowing Database
    ) throws -> Reward {
        let isOver = reward.status == .cancelled && reward.cancelReason?.isReversal != true
        guard amount != reward.takenBack, !isOver else { return reward }
        var new = reward
        new.takenBack = amount
        if amount == reward.amount {
            (new.status, new.cancelReason, new.cancelledAt) = (.cancelled, reason, now)
        } else if reward.status == .cancelled {
            (new.cancelReason, new.cancelledAt) = (nil, nil)
            new.status = reward.paidAt != nil ? .paid : reward.approvedAt != nil ? .approved : .pending
        }
        return try save(new, after: reward, amount > reward.takenBack ? "back" : "again", db)
    }

    private func save(
        _ reward: Reward,
        after old: Reward,
        _ effect: String,
        _ db: borrowing Database
    ) throws -> Reward {
        var new = reward
        new.changes = old.changes + 1
        try Rewards.update(new, db)
        try post(from: old.sides, to: new, effect, db)
        var step = CampaignCounts.Step(rewardAmount: (new.net - old.net).value)
        if new.status == .cancelled, old.status != .cancelled { step.rewards = -1 }
        if new.status != .cancelled, old.status == .cancelled { step.rewards = 1 }
        if step.rewards != 0 || step.rewardAmount != 0 {
            try CampaignCounts.add(step, to: new.campaignID, at: new.createdAt, db)
        }
        return new
    }

    /// Posts by how much each side differs; what some take, the others give.
    private func post(
        from old: [Ledger.Side: Int64],
        to reward: Reward,
        _ effect: String,
        _ db: borrowing Database
    ) throws {
        let steps = reward.sides.merging(old.mapValues { -$0 }, uniquingKeysWith: +)
        let inOrder = steps.sorted { $0.key.rawValue < $1.key.rawValue }
        var giving = inOrder.filter { $0.value < 0 }[...]
        var number = 0
        for (debit, amount) in inOrder where amount > 0 {
            var rest = amount
            while rest > 0, let (credit, there) = giving.popFirst() {
                let part = min(rest, -there)
                rest -= part
                if -there > part { giving = [(key: credit, value: there + part)] + giving }
                // One effect of a change has one reference, each further one its own.
                let suffix = number == 0 ? "" : ":\(number)"
                number += 1
                let entry = Ledger.Entry(
                    accountID: reward.accountID,
                    debit: debit,
                    credit: credit,
                    amount: Cents(part),
                    reason: "reward",
                    reference: "reward:\(reward.publicID):\(effect):\(reward.changes)\(suffix)",
                    postedAt: now,
                    currency: reward.currency
                )
                try Ledger.post(entry, db)
            }
        }
    }
}
