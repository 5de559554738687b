import Storage
import Web

/// `PATCH /api/partner/rewards/{id}`, and `/api/partner/rewards` with the id in the body: its owner approves, pays or
/// cancels it.
struct ChangeReward: Endpoint {
    struct Input: Codable, Sendable {
        let id: Text<0, 64>?
        let rewardId: Text<0, 64>?
        let status: Reward.Status
    }

    struct Answer: JSONOutput {
        let success: Bool
        let reward: RewardView
    }

    /// - Throws: ``Failure`` 404; 400 for a status that does not follow on the present one; 409 while something about
    ///   it is open.
    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let accountID = try caller.requireHolder().accountID
        guard let id = (input.id ?? input.rewardId)?.value, !id.isEmpty else {
            throw Failure.invalid("rewardId", "is required")
        }
        let now = app.now()
        return try await app.commit(by: caller) { db in
            guard let reward = try Rewards.find(id, of: accountID, db) else {
                throw Failure.notFound("Reward not found")
            }
            guard reward.status.next.contains(input.status) else {
                throw Failure.badRequest(
                    "A reward that is \(reward.status.rawValue) cannot become \(input.status.rawValue)"
                )
            }
            if input.status != .cancelled, try FraudFlags.isOpen(reward.referralID, db) {
                throw Failure.conflict("The referral of this reward is under review", code: "under_review")
            }
            let change = RewardChange(now: now)
            let changed =
                switch input.status {
                case .paid: try change.pay(reward, db)
                case .cancelled: try change.cancel(reward, because: .owner, db)
                case .approved, .pending: try change.approve(reward, db)
                }
            try Audit.record(
                .rewardChanged,
                by: caller,
                account: accountID,
                target: "reward:\(reward.publicID)",
                detail: [
                    .init("from", .string(reward.status.rawValue)), .init("to", .string(changed.status.rawValue)),
                ],
                at: now,
                db
            )
            return Answer(success: true, reward: try RewardView(changed, db))
        }
    }
}
