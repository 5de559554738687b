import Storage

/// The accounts of the demonstration business that are subscribed to plans, so that the operators' page of money has
/// recurring revenue to show: by the month and by the year, one that went up, one that left, and one that is leaving.
/// Nobody signs in to them.
struct DemoSubscribers: Sendable {
    private struct Subscriber: Sendable {
        let name: String
        let email: String
        let plan: String
        let interval: BillingInterval
        /// How many days ago it began.
        let begun: Int
        var upgrade: (plan: String, daysAgo: Int)?
        /// Ends at the end of the period that this day is in.
        var cancelled: Int?
    }

    private static let all = [
        Subscriber(
            name: "Kestrel Robotics",
            email: "kim@kestrel.example",
            plan: "partner_growth",
            interval: .month,
            begun: 80,
            upgrade: ("partner_pro", 30)
        ),
        Subscriber(
            name: "Blue Fjord Labs",
            email: "bo@bluefjord.example",
            plan: "partner_growth",
            interval: .year,
            begun: 62
        ),
        Subscriber(
            name: "Maple Diagnostics",
            email: "mina@maple.example",
            plan: "billing_professional",
            interval: .month,
            begun: 47
        ),
        Subscriber(
            name: "Tern Logistics",
            email: "tom@tern.example",
            plan: "billing_starter",
            interval: .month,
            begun: 75,
            cancelled: 50
        ),
        Subscriber(
            name: "Corvid Analytics",
            email: "cleo@corvid.example",
            plan: "billing_enterprise",
            interval: .month,
            begun: 33,
            cancelled: 2
        ),
    ]

    let now: Timestamp

    func write(_ db: borrowing Database) throws {
        for subscriber in Self.all {
            guard let email = Email(subscriber.email) else { continue }
            try write(subscriber, email, db)
        }
    }

    private func write(_ it: Subscriber, _ email: Email, _ db: borrowing Database) throws {
        let begun = now.adding(days: -it.begun)
        let owner = try People.insert(email: email, name: it.name, passwordHash: nil, at: begun, db)
        let free = try Plans.require(Plans.free, db)
        let account = try Accounts.insert(name: it.name, planID: free.id, ownerID: owner, at: begun, db)
        let version = try PlanVersions.offered(it.plan, it.interval, to: account, at: begun, db)
        _ = try Subscriptions.begin(account, version, by: nil, at: begun, db)
        try pay(account, at: begun, db)
        if let (plan, daysAgo) = it.upgrade {
            let moment = now.adding(days: -daysAgo)
            try live(account, until: moment, db)
            let version = try PlanVersions.offered(plan, it.interval, to: account, at: moment, db)
            try SubscriptionSwitch(of: Subscriptions.require(of: account, db), to: version)
                .apply(by: nil, at: moment, db)
            try pay(account, at: moment, db)
        }
        if let daysAgo = it.cancelled {
            let moment = now.adding(days: -daysAgo)
            try live(account, until: moment, db)
            let live = try Subscriptions.require(of: account, db)
            try Subscriptions.setCancelling(moment, live.id, db)
            try SubscriptionNews(now: moment).tell(.cancelAsked, of: live, to: live.version, db)
        }
        try live(account, until: now, db)
        // Mails of months that never were.
        try OutboxRows.deleteAll(.mail, accountID: account, db)
    }

    /// Bills each period when it ended, and has it paid at once.
    private func live(_ account: Int64, until moment: Timestamp, _ db: borrowing Database) throws {
        while let due = try Accounts.nextClose(of: account, db), due <= moment {
            _ = try Closing.close(account, at: due, db)
            try pay(account, at: due, db)
        }
    }

    private func pay(_ account: Int64, at moment: Timestamp, _ db: borrowing Database) throws {
        for (id, owed) in try Invoices.open(of: account, db) {
            let name = "demo_payment_\(account)_\(id)"
            _ = try Payments.receive(owed, .usd, from: account, providerID: name, invoiceID: id, at: moment, db)
        }
    }
}
