import Crypto
import Outbound
import Storage
import Testing
import Web

@testable import Portal

@Suite("A webhook's owner") struct WebhookEndpointTests {
    private let desk: WebhookDesk
    private let noon = UnitStore.noon

    init() throws {
        desk = try WebhookDesk()
    }

    @Test("sees the secret once; the store has it sealed")
    func sealed() async throws {
        let made = try await desk.make()
        #expect(made.secret.hasPrefix("whsec_"))
        let endpoint = try desk.endpoint(made.id)
        let bytes = try require(Base64.decode(made.secret.dropFirst(6)))
        #expect(bytes.count == 32)
        #expect(!String(decoding: endpoint.secret, as: UTF8.self).contains(made.secret))
        #expect(!endpoint.secret.indices.contains { endpoint.secret[$0...].starts(with: bytes) })
        let again = try WebhookSecret(sealed: endpoint.secret, for: made.id, under: UnitStore.sealingKey)
        #expect(again.text == made.secret)
        #expect(throws: SealedSecret.Failure.self) {
            try WebhookSecret(sealed: endpoint.secret, for: "whk_other", under: UnitStore.sealingKey)
        }
    }

    @Test("rotates the secret, and the old one signs too for a day")
    func rotation() async throws {
        let made = try await desk.make()
        let answer = try await desk.call(RotateWebhookSecret.self, made.id, at: noon)
        #expect(answer.secret != made.secret)
        #expect(answer.previousWorksUntil == noon.adding(days: 1))
        for (seconds, count) in [(86_399, 2), (86_400, 1)] as [(Int64, Int)] {
            let moment = noon.adding(seconds: seconds)
            try desk.publish("at \(seconds)", at: moment)
            try await desk.send(at: moment)
            let got = try require(desk.received().first)
            let signatures = try require(got.headers["webhook-signature"]).split(separator: " ").map(String.init)
            #expect(signatures.count == count)
            let expected = try [answer.secret, made.secret].map { secret in
                let key = HMACKey(try require(Base64.decode(secret.dropFirst(6))))
                return "v1," + Base64.encode(key.sign(Array("\(got.id).\(got.seconds).".utf8) + got.bytes))
            }
            #expect(signatures == Array(expected.prefix(count)))
            #expect(
                got.headers["X-Webhook-Signature"] == Hex.encode(HMACKey(Array(answer.secret.utf8)).sign(got.bytes))
            )
        }
    }

    @Test(
        "names no URL that leads where strangers must not",
        arguments: [
            "http://hooks.example/", "https://127.0.0.1/", "https://[::1]/", "https://hooks.example:22/",
            "https://u:p@hooks.example/", "https://2130706433/", "ftp://hooks.example/", "hooks.example",
        ]
    )
    func badURL(url: String) async throws {
        let failure = await #expect(throws: Failure.self) { try await desk.make(url) }
        #expect(failure?.status == 400)
        #expect(failure?.fields.first?.field == "url")
    }

    @Test(
        "chooses events that there are",
        arguments: [#"["no.such"]"#, "[]", #"["usage*"]"#, #"["key.created", 1]"#, #""*""#, #"["*.*"]"#, #"[".*"]"#]
    )
    func badEvents(events: String) async throws {
        await #expect(throws: (any Error).self) { try await desk.make(events: events) }
    }

    @Test("has fifty endpoints at most, each URL once")
    func bounds() async throws {
        for number in 0..<50 { _ = try await desk.make("https://hooks.example/\(number)") }
        #expect((await #expect(throws: Failure.self) { try await desk.make("https://hooks.example/x") })?.status == 409)
        let id = try desk.unit.store.read { db in
            try require(try WebhookEndpoints.list(of: desk.account.account, db).first).publicID
        }
        _ = try await desk.call(DeleteWebhook.self, id, at: noon)
        #expect((await #expect(throws: Failure.self) { try await desk.make("https://hooks.example/1") })?.status == 409)
        _ = try await desk.make("https://hooks.example/0")
    }

    @Test("disables it and makes it active again: what waited goes out then")
    func disabled() async throws {
        let made = try await desk.make()
        try desk.publish("before")
        let off = try await desk.call(ChangeWebhook.self, made.id, #""status":"disabled""#, at: noon)
        #expect(off.disabledReason.value == .owner)
        try await desk.send(at: noon.adding(seconds: 5))
        try desk.publish("meanwhile")
        #expect(desk.received().isEmpty)
        _ = try await desk.call(ChangeWebhook.self, made.id, #""status":"active""#, at: noon)
        try await desk.send(at: noon.adding(seconds: 9))
        #expect(desk.received().compactMap { $0.body["data"]?["subject"]?.string } == ["before"])
    }

    @Test("stops it in the middle of what waits")
    func stopped() async throws {
        let made = try await desk.make()
        for number in 0..<40 { try desk.publish("\(number)") }
        let desk = desk
        desk.whenAsked { count in
            guard count == 1 else { return }
            _ = try await desk.call(DeleteWebhook.self, made.id, at: noon)
        }
        try await desk.send(at: noon)
        // Those that were under way already, and no more.
        #expect((1...4).contains(desk.received().count))
    }

    @Test("changes what is given and nothing else")
    func change() async throws {
        let made = try await desk.make(events: #"["key.*"]"#)
        let changed = try await desk.call(
            ChangeWebhook.self,
            made.id,
            #""url":"https://other.example/","description":"d""#,
            at: noon
        )
        #expect(changed.url == "https://other.example/")
        #expect(changed.description == "d")
        #expect(changed.events.patterns == ["key.*"])
        let again = try await desk.call(ChangeWebhook.self, made.id, #""events":["ticket.created"]"#, at: noon)
        #expect(again.url == "https://other.example/" && again.events.patterns == ["ticket.created"])
        try desk.publish()
        try await desk.send(at: noon)
        #expect(desk.received().map(\.url) == ["https://other.example/"])
    }

    @Test("replays one message or all that failed since a time, under the ids they had")
    func replay() async throws {
        let made = try await desk.make()
        desk.answer(410)
        try desk.publish("one")
        try await desk.send(at: noon)
        desk.answer(200)
        let first = try require(desk.received().first)
        let conflict = await #expect(throws: Failure.self) {
            try await desk.call(ReplayDeliveries.self, made.id, #""message_id":"\#(first.id)""#, at: noon)
        }
        #expect(conflict?.status == 409)
        _ = try await desk.call(ChangeWebhook.self, made.id, #""status":"active""#, at: noon)
        let since = noon.adding(seconds: -1).text
        #expect(try await desk.call(ReplayDeliveries.self, made.id, #""since":"\#(since)""#, at: noon).replayed == 1)
        try await desk.send(at: noon.adding(seconds: 10))
        #expect(desk.received().map(\.id) == [first.id])
        #expect(try await desk.call(ReplayDeliveries.self, made.id, #""since":"\#(since)""#, at: noon).replayed == 0)
        let one = #""message_id":"\#(first.id)""#
        #expect(try await desk.call(ReplayDeliveries.self, made.id, one, at: noon).replayed == 1)
        #expect(try await desk.call(ReplayDeliveries.self, made.id, one, at: noon).replayed == 0)
        try await desk.send(at: noon.adding(seconds: 20))
        _ = desk.received()
        let all = #""since":"\#(since)","include_delivered":true"#
        #expect(try await desk.call(ReplayDeliveries.self, made.id, all, at: noon).replayed == 1)
        try await desk.send(at: noon.adding(seconds: 30))
        #expect(desk.received().map(\.id) == [first.id])
        for wrong in ["", #""message_id":"x","since":"\#(since)""#] {
            let failure = await #expect(throws: Failure.self) {
                try await desk.call(ReplayDeliveries.self, made.id, wrong, at: noon)
            }
            #expect(failure?.status == 400)
        }
    }

    @Test("sends a test to one endpoint, whatever events it chose")
    func test() async throws {
        let made = try await desk.make(events: #"["key.created"]"#)
        _ = try await desk.make("https://hooks.example/b")
        let answer = try await desk.call(TestWebhook.self, made.id, at: noon)
        try await desk.send(at: noon)
        let got = desk.received()
        #expect(got.map(\.id) == [answer.messageID])
        #expect(got.first?.body["type"]?.string == "webhook.test")
    }

    @Test("reads the log page by page, by status")
    func log() async throws {
        let made = try await desk.make()
        for number in 0..<7 { try desk.publish("\(number)") }
        try await desk.send(at: noon)
        var (cursor, subjects) = ("", [String]())
        repeat {
            let page = try await desk.call(ListDeliveries.self, made.id, #""limit":3\#(cursor)"#, at: noon)
            subjects += try page.data.map { delivery in
                try require(try JSONParser.parse(Array(delivery.requestBody.utf8))["data"]?["subject"]?.string)
            }
            cursor = page.nextCursor.value.map { #","cursor":\#($0)"# } ?? ""
        } while !cursor.isEmpty
        #expect(subjects == ["6", "5", "4", "3", "2", "1", "0"])
        #expect(try await desk.call(ListDeliveries.self, made.id, #""status":"failed""#, at: noon).data.isEmpty)
    }

    @Test("is the only one who finds it")
    func strangers() async throws {
        let made = try await desk.make()
        for account in [try desk.unit.account("eve").account, 0] {
            #expect(throws: Failure.self) {
                try desk.unit.store.read { db in try WebhookEndpoints.require(made.id, of: account, db) }
            }
        }
    }
}

@Suite("Signing") struct WebhookSecretTests {
    @Test("makes the signature of Standard Webhooks' own example")
    func vector() throws {
        let bytes = try require(Base64.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let sealed = try SealedSecret.seal(bytes, under: UnitStore.sealingKey, context: "webhook:x")
        let secret = try WebhookSecret(sealed: sealed, for: "x", under: UnitStore.sealingKey)
        #expect(secret.text == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let body = Array(#"{"test": 2432232314}"#.utf8)
        let signature = secret.signature(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, body: body)
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }
}
