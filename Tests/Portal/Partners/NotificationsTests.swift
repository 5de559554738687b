import Storage
import Testing

@testable import Portal

@Suite("Notifications")
struct NotificationsTests {
    let unit: UnitStore
    let olga: UnitStore.Identities
    let noon = UnitStore.noon

    init() throws {
        unit = try UnitStore()
        olga = try unit.account("olga")
    }

    private func add(_ count: Int = 1, _ title: String = "news", person: Int64? = nil, at now: Timestamp) throws {
        let account = olga.account
        try unit.store.writeBlocking { db in
            for number in 1...count {
                try Notifications.add(
                    .rewardDue,
                    "\(title) \(number)",
                    "",
                    account: account,
                    person: person,
                    at: now,
                    db
                )
            }
        }
    }

    private func titles(for person: Int64) throws -> [String] {
        try unit.store.read { db in
            try Notifications.list(for: person, in: olga.account, limit: 1000, db).map(\.title)
        }
    }

    private func unread(for person: Int64) throws -> Int64 {
        try unit.store.read { db in try Notifications.countUnread(for: person, in: olga.account, db) }
    }

    private func readAll(by person: Int64) throws {
        let account = olga.account
        try unit.store.writeBlocking { db in try Notifications.setAllRead(by: person, in: account, at: noon, db) }
    }

    @Test("are for every member, or for one, who alone sees them")
    func oneOrAll() throws {
        let theo = try unit.account("theo").person
        try add(1, "for all", at: noon)
        try add(1, "for olga", person: olga.person, at: noon)
        #expect(try titles(for: olga.person) == ["for olga 1", "for all 1"])
        #expect(try titles(for: theo) == ["for all 1"])
        let hers = try unit.store.read { db in
            try require(try Notifications.list(for: olga.person, in: olga.account, limit: 1, db).first).publicID
        }
        #expect(try unit.store.read { db in try Notifications.find(hers, for: theo, in: olga.account, db) } == nil)
        try readAll(by: theo)
        #expect(try unread(for: theo) == 0)
        #expect(try unread(for: olga.person) == 2)
    }

    @Test("are the latest five hundred of an account, whatever is read of them")
    func bounded() throws {
        try add(Int(Notifications.most), at: noon)
        try readAll(by: olga.person)
        try add(3, "later", at: noon)
        let titles = try titles(for: olga.person)
        #expect(titles.count == Int(Notifications.most))
        #expect(titles.first == "later 3")
        #expect(titles.last == "news 4")
        #expect(try unread(for: olga.person) == 3)
        let marks: Int64? = try unit.store.read { db in try db.value("SELECT count(*) FROM notification_read") }
        #expect(marks == Notifications.most - 3)
    }

    @Test("go after ninety days")
    func old() throws {
        try add(250, "old", at: noon)
        try readAll(by: olga.person)
        try add(1, "newer", at: noon.adding(days: 1))
        let later = noon.adding(days: Notifications.keptDays).adding(seconds: 1)
        #expect(try unit.store.writeBlocking { db in try Notifications.deleteOld(at: later, db) })
        #expect(try unit.store.writeBlocking { db in try !Notifications.deleteOld(at: later, db) })
        #expect(try titles(for: olga.person) == ["newer 1"])
    }

    @Test("tell of an invoice once it is overdue")
    func overdue() async throws {
        let dora = try DunningTests.Debtor(unit)
        func told() throws -> [Notifications.Kind] {
            try unit.store.read { db in
                let person = try require(try People.find(email: try require(Email("dora@example.com")), db)).id
                return try Notifications.list(for: person, in: dora.account, limit: 10, db).map(\.kind)
            }
        }
        try await dora.live(untilDay: 13)
        #expect(try told() == [])
        try await dora.live(untilDay: 20, from: 14)
        #expect(try told() == [.invoiceOverdue])
    }
}
