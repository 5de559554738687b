import Storage

/// The business that `purser seed` makes up: an operator, a busy account, a new one and one over its limit, with 90
/// days of use over several backends, invoices in every state, tickets and a partner program; and subscribers besides.
struct DemoBusiness: Sendable {
    struct Role: Sendable {
        let role: String
        let name: String
        let email: Email
        let plan: String
        var isOperator = false
    }

    struct Person: Sendable {
        let role: Role
        let password: String
        let passwordHash: String
        let key: APIKey
        let digest: [UInt8]
    }

    static let days = 90

    static let roles: [Role] = [
        ("operator", "Olive Operator", "operator@purser.example", "enterprise"),
        ("busy account", "Helix Materials", "ada@helix.example", "enterprise"),
        ("new account", "Nova Chemistry", "noor@nova.example", Plans.free),
        ("over its limit", "Lumen Labs", "luis@lumen.example", Plans.free),
    ].compactMap { role, name, address, plan in
        Email(address).map { Role(role: role, name: name, email: $0, plan: plan, isOperator: role == "operator") }
    }

    let people: [Person]
    let now: Timestamp
    let settings: Settings

    func write(_ db: borrowing Database) throws -> SeedStore.Answer {
        var events = 0
        for person in people {
            let ids = try insert(person, db)
            switch person.role.role {
            case "busy account":
                events += try fillBusy(ids, db)
                var campaigns = DemoCampaigns(accountID: ids.account, now: now, holdDays: settings.rewardHoldDays)
                try campaigns.write(db)
            case "over its limit": events += try fillOverLimit(ids, db)
            default: break
            }
            // What lies behind is told already; this month is billed when it ends.
            try Accounts.setNextClose(now.month.end, of: ids.account, db)
            if settings.paymentsEnabled { try StripeCustomers.linkLater(ids.account, at: now, db) }
        }
        try DemoSubscribers(now: now).write(db)
        return SeedStore.Answer(
            signIns: people.map {
                SeedStore.SignIn(
                    role: $0.role.role,
                    name: $0.role.name,
                    email: $0.role.email.value,
                    password: $0.password,
                    apiKey: $0.key.text
                )
            },
            events: events,
            invoices: try Invoices.count(db)
        )
    }

    private typealias Identities = (person: Int64, account: Int64, key: Int64)

    private func insert(_ person: Person, _ db: borrowing Database) throws -> Identities {
        let newcomer = Newcomer(
            name: person.role.name,
            email: person.role.email,
            passwordHash: person.passwordHash,
            isOperator: person.role.isOperator,
            plan: person.role.plan
        )
        let isNew = person.role.role == "new account"
        return try newcomer.insert(
            key: person.key,
            digest: person.digest,
            credit: settings.openingCredit,
            at: isNew ? now.adding(seconds: -1800) : now.adding(days: -Self.days - 5),
            db
        )
    }

    // MARK: The busy account

    /// A few hundred dollars a month on real machines and a base of simulator runs, less at weekends.
    private func fillBusy(_ ids: Identities, _ db: borrowing Database) throws -> Int {
        let mix: [(backend: String, shots: ClosedRange<Int64>, everyDays: Int)] = [
            ("simulator", 400...2400, 1), ("ionq_simulator", 40...260, 1), ("aws_sv1", 30...180, 2),
            ("ibm_torino", 2...9, 3), ("ionq_forte", 1...6, 5), ("quera_aquila", 1...4, 9),
        ]
        var dice = Dice(state: 0x5EED)
        var events = 0
        for day in (0..<Self.days).reversed() {
            let date = now.adding(days: -day)
            let isWeekend = (date.day.number + 4) % 7 % 6 == 0
            var batch = try batch(ids, at: date, db)
            for part in mix where day % part.everyDays == 0 && !(isWeekend && dice.roll(0...3) > 0) {
                let moment = Timestamp(day: date.day).adding(seconds: dice.roll(28_800...64_800))
                let shots = dice.roll(part.shots)
                events += try add(Backend(known: part.backend), .shots, shots, at: min(moment, date), &batch, db)
            }
            events += try add(Backend(known: "inference"), .inferences, dice.roll(1...6), at: date, &batch, db)
            try batch.finish(db)
            try settleBusy(ids, day: day, at: date, db)
        }
        try writeTickets(ids, db)
        // Nobody goes after the overdue invoices of a demo: it would begin with a restricted account.
        for row in try DunningRows.list(of: ids.account, db) { try DunningRows.end(row.invoiceID, at: now, db) }
        // Mails of months that never were.
        try OutboxRows.deleteAll(.mail, accountID: ids.account, db)
        return events
    }

    /// Invoices in every state, along the way: paid, void, uncollectible, overdue, open, and a draft.
    private func settleBusy(_ ids: Identities, day: Int, at date: Timestamp, _ db: borrowing Database) throws {
        switch day {
        case 75, 45:
            guard try Invoices.raise(ids.account, at: date, db) != nil else { return }
            let owed = try Ledger.balance(.receivable, of: ids.account, db)
            try Payments.receive(
                owed,
                .usd,
                from: ids.account,
                providerID: "demo_payment_\(day)",
                at: date.adding(days: 3),
                db
            )
        case 60:
            guard let id = try Invoices.raise(ids.account, at: date, db) else { return }
            try Invoices.void(id, at: date.adding(days: 1), db)
        case 35:
            guard let id = try Invoices.raise(ids.account, at: date, db) else { return }
            try Invoices.setUncollectible(id, db)
        case 20, 6:
            try Invoices.raise(ids.account, at: date, db)
        case 0:
            try insertDraft(ids, db)
        default: break
        }
    }

    /// What is unbilled so far, as an invoice that has no number yet and is nobody's debt.
    private func insertDraft(_ ids: Identities, _ db: borrowing Database) throws {
        let total = try Ledger.balance(.unbilled, of: ids.account, db)
        let heading = Invoices.Heading(
            accountID: ids.account,
            reason: .usage,
            description: "Usage of the current period",
            currency: .usd,
            subtotal: total,
            total: total,
            issuedAt: now,
            dueAt: now.adding(days: Invoices.daysToPay)
        )
        let line = InvoiceLines.Line(
            kind: DraftLine.Kind.usage.rawValue,
            description: "Usage so far",
            quantity: 1,
            amount: total,
            total: total
        )
        _ = try Invoices.insert(heading, [line], db)
    }

    private func writeTickets(_ ids: Identities, _ db: borrowing Database) throws {
        let tickets: [(Tickets.Priority, String, String, Int)] = [
            (.high, "Torino queue times", "Jobs on ibm_torino wait for an hour since this morning. Is it us?", 12),
            (.low, "Invoice address", "Please put our new street on the next invoice.", 30),
            (.medium, "Error correction", "Which distance do you recommend for 40 logical qubits?", 2),
        ]
        for (priority, subject, message, days) in tickets {
            let request = Tickets.Request(
                accountID: ids.account,
                personID: ids.person,
                priority: priority,
                subject: subject,
                message: message
            )
            _ = try Tickets.insert(request, at: now.adding(days: -days), db)
        }
    }

    // MARK: The account over its limit

    private func fillOverLimit(_ ids: Identities, _ db: borrowing Database) throws -> Int {
        var events = 0
        for (index, shots) in [Int64(40), 35, 30, 28].enumerated() {
            let moment = now.adding(seconds: -Int64(index) * 600 - 60)
            var batch = try batch(ids, at: moment, db)
            events += try add(Backend(known: "ionq_simulator"), .shots, shots, at: moment, &batch, db)
            try batch.finish(db)
        }
        let request = Tickets.Request(
            accountID: ids.account,
            personID: ids.person,
            priority: .critical,
            subject: "We have hit our limit",
            message: "Our demo is tomorrow and every run is refused. How do we upgrade?"
        )
        _ = try Tickets.insert(request, at: now.adding(seconds: -900), db)
        return events
    }

    private func batch(_ ids: Identities, at moment: Timestamp, _ db: borrowing Database) throws -> UsageBatch {
        UsageBatch(
            accountID: ids.account,
            keyID: ids.key,
            usageMicros: try Accounts.usageMicros(of: ids.account, db),
            now: moment,
            threshold: settings.invoiceThreshold,
            meterReports: nil
        )
    }

    private func add(
        _ backend: Backend,
        _ meter: Meter,
        _ quantity: Int64,
        at moment: Timestamp,
        _ batch: inout UsageBatch,
        _ db: borrowing Database
    ) throws -> Int {
        let price = try Prices.find(meter, backend, on: moment.day, db)
        let event = UsageEvent(meter: meter, backend: backend, quantity: quantity, price: price, occurredAt: moment)
        return try batch.add(event, db) == nil ? 0 : 1
    }
}

/// A small generator of numbers that are the same each time (SplitMix64, Steele, Lea and Flood 2014).
struct Dice {
    var state: UInt64

    mutating func roll(_ range: ClosedRange<Int64>) -> Int64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        let span = UInt64(range.upperBound - range.lowerBound + 1)
        return range.lowerBound + Int64(mixed % span)
    }
}
