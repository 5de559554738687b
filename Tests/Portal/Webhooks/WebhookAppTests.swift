import Storage
import Testing
import Web

@testable import Portal

@Suite("An app's endpoint") struct WebhookAppTests {
    private let desk: WebhookDesk
    private let noon = UnitStore.noon
    private let (shop, blog): (Int64, Int64)

    init() throws {
        desk = try WebhookDesk()
        let account = desk.account.account
        (shop, blog) = try desk.unit.store.writeBlocking { db in
            try db.run(
                """
                INSERT INTO app (account_id, public_id, name, created_at)
                VALUES (?, 'app_shop', 'Shop', 1), (?, 'app_blog', 'Blog', 1)
                """,
                account,
                account
            )
            return (db.lastInsertID - 1, db.lastInsertID)
        }
    }

    private func click(in app: Int64?, at moment: Timestamp = UnitStore.noon) throws {
        let account = desk.account.account
        try desk.unit.store.writeBlocking { db in
            let data = ReferralClickPayload(
                clickId: "1",
                referralCode: "CODE",
                refereeId: Nullable(nil),
                clickedAt: moment
            )
            try Webhooks.publish(.referralClicked, account: account, app: app, data: data, at: moment, db)
        }
    }

    @Test("hears what happens to the app; the account's hears all")
    func hears() async throws {
        let all = try await desk.make("https://hooks.example/all")
        let shops = try await desk.make("https://hooks.example/shop", app: shop)
        _ = try await desk.make("https://hooks.example/blog", app: blog)
        for app in [shop, nil] as [Int64?] { try click(in: app) }
        try desk.publish()
        try await desk.send(at: noon)
        #expect(try desk.log(all.id).map(\.event) == ["ticket.created", "REFERRAL_CLICKED", "REFERRAL_CLICKED"])
        #expect(try desk.log(shops.id).map(\.event) == ["REFERRAL_CLICKED"])
        #expect(desk.received().filter { $0.url == "https://hooks.example/blog" }.isEmpty)
    }

    @Test("chooses among the older names as among the others")
    func names() async throws {
        let made = try await desk.make(events: #"["REFERRAL_CLICKED","ticket.*"]"#, app: shop)
        try click(in: shop)
        try await desk.send(at: noon)
        let got = try require(desk.received().first)
        #expect(got.body["type"]?.string == "REFERRAL_CLICKED")
        #expect(got.body["version"] == .integer(1))
        #expect(got.body["data"]?["refereeId"] == .null)
        #expect(try desk.log(made.id).count == 1)
    }

    @Test("has each URL once beside those of the account and of other apps, and is one of ten")
    func bounds() async throws {
        _ = try await desk.make("https://hooks.example/1")
        for number in 0..<10 { _ = try await desk.make("https://hooks.example/\(number)", app: shop) }
        for (url, app) in [("https://hooks.example/1", shop), ("https://hooks.example/x", shop)] {
            let failure = await #expect(throws: Failure.self) { try await desk.make(url, app: app) }
            #expect(failure?.status == 409)
        }
        let other = try await desk.make("https://hooks.example/1", app: blog)
        let moved = try await desk.call(ChangeWebhook.self, other.id, #""url":"https://hooks.example/2""#, at: noon)
        #expect(moved.url == "https://hooks.example/2" && moved.appID.value == blog)
    }

    @Test("is of an app of the account")
    func strangers() async throws {
        let stranger = try desk.unit.account("eve").account
        let theirs = try desk.unit.store.writeBlocking { db in
            try db.run("INSERT INTO app (account_id, name, created_at) VALUES (?, 'Theirs', 1)", stranger)
            return db.lastInsertID
        }
        for app in [theirs, 999] {
            let failure = await #expect(throws: Failure.self) { try await desk.make(app: app) }
            #expect(failure?.status == 404)
        }
    }

    @Test("is told with the app's name in the partner's list of deliveries")
    func deliveries() async throws {
        _ = try await desk.make("https://hooks.example/all")
        try click(in: shop)
        try click(in: blog, at: noon.adding(seconds: 1))
        try desk.publish()
        try await desk.send(at: noon.adding(seconds: 2))
        func list(_ query: String) async throws -> [ListPartnerDeliveries.Delivery] {
            let input = try InputDecoder.decode(
                ListPartnerDeliveries.Input.self,
                from: try JSONParser.parse(Array(query.utf8))
            )
            let app = try desk.app(at: noon)
            return try await ListPartnerDeliveries.handle(input, by: try desk.owner, in: app).deliveries
        }
        #expect(try await list("{}").map(\.app.name) == ["ada", "Blog", "Shop"])
        #expect(try await list("{}").map(\.statusCode) == [200, 200, 200])
        #expect(try await list(#"{"appId":"app_shop"}"#).map(\.app.id) == ["app_shop"])
        #expect(try await list(#"{"limit":2}"#).map(\.eventType) == ["ticket.created", "REFERRAL_CLICKED"])
        for unknown in ["\(shop)", "x"] {
            let failure = await #expect(throws: Failure.self) { try await list(#"{"appId":"\#(unknown)"}"#) }
            #expect(failure?.status == 404)
        }
    }
}

@Suite("The log of a delivery") struct WebhookAttemptTests {
    private let desk: WebhookDesk
    private let noon = UnitStore.noon

    init() throws {
        desk = try WebhookDesk()
    }

    private func show(_ id: String) async throws -> ShowDelivery.Answer {
        let delivery = try require(try desk.log(id).first)
        return try await desk.call(ShowDelivery.self, id, #""delivery_id":\#(delivery.id)"#, at: noon)
    }

    @Test("has every attempt, as it was sent and as it was answered")
    func attempts() async throws {
        let made = try await desk.make()
        try desk.publish()
        desk.answer(500, body: "first")
        try await desk.send(at: noon)
        desk.fail(.timedOut(sent: true))
        try await desk.send(at: noon.adding(seconds: 10))
        desk.answer(204)
        try await desk.send(at: noon.adding(seconds: 1000))
        let shown = try await show(made.id)
        #expect(shown.delivery.status == .delivered && shown.delivery.attempts == 3)
        #expect(shown.attempts.map(\.number) == [1, 2, 3])
        #expect(shown.attempts.map(\.statusCode) == [500, 0, 204])
        #expect(shown.attempts.map(\.responseBody) == ["first", "", ""])
        let errors = shown.attempts.map(\.error.value)
        #expect(errors == ["It answered 500", "There was no answer in time", nil])
        #expect(shown.attempts.map(\.attemptedAt) == [0, 10, 1000].map { noon.adding(seconds: $0) })
        let sent = desk.received()
        for (attempt, got) in zip([shown.attempts[0], shown.attempts[2]], sent) {
            let headers = attempt.requestHeaders.map { ($0.name, $0.value) }
            #expect(Dictionary(uniqueKeysWithValues: headers) == got.headers)
        }
        #expect(sent.count == 2)
        #expect(Array(shown.delivery.requestBody.utf8) == sent.first?.bytes)
    }

    @Test("keeps the last twenty attempts, with the numbers they had")
    func bounded() async throws {
        let made = try await desk.make()
        try desk.publish()
        let message = try require(try desk.log(made.id).first).messageID
        for second in 1...25 {
            try await desk.send(at: noon.adding(seconds: Int64(second)))
            let replayed = try await desk.call(
                ReplayDeliveries.self,
                made.id,
                #""message_id":"\#(message)""#,
                at: noon.adding(seconds: Int64(second))
            )
            #expect(replayed.replayed == 1)
        }
        #expect(try await show(made.id).attempts.map(\.number) == Array(6...25))
    }

    @Test("goes with its message")
    func removed() async throws {
        _ = try await desk.make()
        try desk.publish()
        try await desk.send(at: noon)
        let store = desk.unit.store
        func count() throws -> Int64? { try store.read { db in try db.value("SELECT count(*) FROM webhook_attempt") } }
        #expect(try count() == 1)
        _ = try store.writeBlocking { db in try Webhooks.deleteOld(at: noon.adding(days: 31), db) }
        #expect(try count() == 0)
    }

    @Test("has of each endpoint the newest, however much it is told")
    func excess() async throws {
        let busy = try await desk.make(events: #"["ticket.*"]"#)
        for number in 0..<7 { try desk.publish("\(number)") }
        let quiet = try await desk.make("https://hooks.example/quiet")
        try desk.publish("7")
        try await desk.send(at: noon)
        let store = desk.unit.store
        try await Webhooks.deleteExcess(beyond: 3, in: store)
        let kept = try desk.log(busy.id).compactMap { try JSONParser.parse(Array($0.body.utf8))["data"]?["subject"] }
        #expect(kept == [.string("7"), .string("6"), .string("5")])
        #expect(try desk.log(quiet.id).count == 1)
        for count: Int64? in try store.read({ db in
            [
                try db.value("SELECT count(*) FROM webhook_message"),
                try db.value("SELECT count(*) - 1 FROM webhook_attempt"),
            ]
        }) {
            #expect(count == 3)
        }
    }

    @Test("shows a delivery to nobody by another endpoint's id")
    func another() async throws {
        let made = try await desk.make()
        let other = try await desk.make("https://hooks.example/b", events: #"["key.created"]"#)
        try desk.publish()
        let delivery = try require(try desk.log(made.id).first)
        for id in [delivery.id, delivery.id + 1, 0, .max] {
            let failure = await #expect(throws: Failure.self) {
                try await desk.call(ShowDelivery.self, other.id, #""delivery_id":\#(id)"#, at: noon)
            }
            #expect(failure?.status == 404)
        }
    }
}
