import Crypto
import Outbound
import Storage
import Testing
import Web

@testable import Portal

@Suite("A webhook's deliveries") struct WebhookDeliveryTests {
    private let desk: WebhookDesk
    private let noon = UnitStore.noon

    init() throws {
        desk = try WebhookDesk()
    }

    private func later(_ seconds: Int64) -> Timestamp { noon.adding(seconds: seconds) }

    @Test("say what happened, when, to both kinds of receiver, and are signed for both")
    func body() async throws {
        let made = try await desk.make()
        try desk.publish("Broken é \"quote\"")
        try await desk.send(at: later(1))
        let got = try require(desk.received().first)
        #expect(got.url == "https://hooks.example/a")
        #expect(got.body["type"]?.string == "ticket.created")
        #expect(got.body["event"]?.string == "ticket.created")
        #expect(got.body["timestamp"]?.string == noon.text)
        #expect(got.body["data"]?["subject"]?.string == "Broken é \"quote\"")
        #expect(got.headers["Content-Type"] == "application/json")
        #expect(got.seconds == later(1).seconds)
        let key = try require(Base64.decode(made.secret.dropFirst("whsec_".count)))
        let signed = Array("\(got.id).\(got.seconds).".utf8) + got.bytes
        #expect(got.headers["webhook-signature"] == "v1," + Base64.encode(HMACKey(key).sign(signed)))
        let plain = Hex.encode(HMACKey(Array(made.secret.utf8)).sign(got.bytes))
        #expect(got.headers["X-Webhook-Signature"] == plain)
        #expect(try desk.log(made.id).map(\.status) == [.delivered])
    }

    @Test("go only where the event was chosen, and to nobody else's account")
    func chosen() async throws {
        let usage = try await desk.make("https://hooks.example/usage", events: #"["usage.*", "key.created"]"#)
        let tickets = try await desk.make("https://hooks.example/tickets", events: #"["ticket.*"]"#)
        let stranger = try desk.unit.account("eve").account
        try desk.publish()
        try desk.unit.store.writeBlocking { db in
            let data = TicketPayload(ticketID: "TKT-2", priority: .low, subject: "s", answerDueAt: UnitStore.noon)
            try Webhooks.publish(.ticketCreated, account: stranger, data: data, at: UnitStore.noon, db)
        }
        try await desk.send(at: noon)
        #expect(desk.received().map(\.url) == ["https://hooks.example/tickets"])
        #expect(try desk.log(usage.id).isEmpty)
        #expect(try desk.log(tickets.id).count == 1)
    }

    @Test("are written with their cause or not at all")
    func together() async throws {
        let made = try await desk.make()
        struct Stop: Error {}
        let account = desk.account.account
        #expect(throws: Stop.self) {
            try desk.unit.store.writeBlocking { db in
                let data = TicketPayload(ticketID: "TKT-1", priority: .low, subject: "s", answerDueAt: UnitStore.noon)
                try Webhooks.publish(.ticketCreated, account: account, data: data, at: UnitStore.noon, db)
                throw Stop()
            }
        }
        #expect(try desk.log(made.id).isEmpty)
    }

    @Test("are tried ten times over three days under one id, then given up", arguments: [500, 302, 404, 0])
    func schedule(status: Int) async throws {
        let made = try await desk.make()
        try desk.publish()
        if status == 0 { desk.fail(.timedOut(sent: true)) } else { desk.answer(status, body: "no") }
        var moment = noon
        var waits: [Int64] = []
        for attempt in 1...10 {
            try await desk.send(at: moment)
            let logged = try require(try desk.log(made.id).first)
            #expect(logged.attempts == attempt)
            #expect(logged.statusCode == status)
            #expect(logged.status == (attempt == 10 ? .failed : .waiting))
            guard attempt < 10 else { break }
            waits.append((logged.nextAttemptAt.milliseconds - moment.milliseconds) / 1000)
            // A moment too early nothing goes out.
            try await desk.send(at: Timestamp(milliseconds: logged.nextAttemptAt.milliseconds - 1))
            #expect(try desk.log(made.id).first?.attempts == Int64(attempt))
            moment = logged.nextAttemptAt
        }
        for (wait, least) in zip(waits, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400] as [Int64]) {
            #expect((least...(least + least / 10)).contains(wait))
        }
        let got = desk.received()
        #expect(Set(got.map(\.id)).count == (status == 0 ? 0 : 1))
        #expect(Set(got.map(\.seconds)).count == got.count)
        try await desk.send(at: moment.adding(days: 2))
        #expect(desk.received().isEmpty)
    }

    @Test("end at once where the receiver is gone, and its owners are told")
    func gone() async throws {
        let made = try await desk.make()
        try desk.publish("first")
        desk.answer(410)
        try await desk.send(at: noon)
        let endpoint = try desk.endpoint(made.id)
        #expect(endpoint.status == .disabled)
        #expect(endpoint.reason == .gone)
        #expect(try desk.mails() == ["Your webhook endpoint was disabled"])
        let entry = try desk.unit.store.read { db in
            try Audit.list(Audit.Filter(account: desk.account.account), limit: 1, db).first
        }
        #expect(entry?.action == "webhook.disabled")
        #expect(entry?.target == "webhook:\(made.id)")
        #expect(entry?.actor == "system")
        let (person, account) = (desk.account.person, desk.account.account)
        let news = try desk.unit.store.read { db in try Notifications.list(for: person, in: account, limit: 9, db) }
        #expect(news.map(\.kind) == [.webhookDisabled])
        #expect(desk.received().count == 1)
        desk.answer(200)
        try desk.publish("second")
        try await desk.send(at: later(3600))
        #expect(desk.received().isEmpty)
        #expect(try desk.log(made.id).map(\.status) == [.failed])
    }

    @Test("pause for all messages when the receiver asks for it, as long as it asks", arguments: [429, 503])
    func retryAfter(status: Int) async throws {
        let made = try await desk.make()
        try desk.publish("one")
        desk.answer(status, [("Retry-After", "600")])
        try await desk.send(at: noon)
        #expect(desk.received().count == 1)
        desk.answer(200)
        try desk.publish("two", at: later(10))
        try await desk.send(at: later(599))
        #expect(desk.received().isEmpty)
        try await desk.send(at: later(661))
        #expect(Set(desk.received().compactMap { $0.body["data"]?["subject"]?.string }) == ["one", "two"])
        #expect(try desk.endpoint(made.id).failingSince == nil)
    }

    @Test("pause a day at most, whatever the receiver asks for")
    func longPause() async throws {
        let made = try await desk.make()
        try desk.publish()
        desk.answer(429, [("Retry-After", "99999999999")])
        try await desk.send(at: noon)
        #expect(try desk.endpoint(made.id).pausedUntil == later(86_400))
    }

    @Test(
        "wear nothing out while the breaker keeps them back",
        arguments: [OutboundError.circuitOpen(retryAfter: 7), .overloaded]
    )
    func breaker(error: OutboundError) async throws {
        let made = try await desk.make()
        try desk.publish()
        desk.fail(error)
        for second in 0..<20 { try await desk.send(at: later(Int64(second))) }
        #expect(try desk.log(made.id).map(\.attempts) == [0])
        desk.answer(200)
        try await desk.send(at: later(60))
        #expect(desk.received().count == 1)
    }

    @Test("warn after three days of failures, disable after five, and mail both")
    func hopeless() async throws {
        let made = try await desk.make()
        desk.answer(500)
        var mails: [(day: Int, count: Int)] = []
        for day in 0..<7 {
            let moment = noon.adding(days: day)
            try desk.publish("day \(day)", at: moment)
            try await desk.send(at: moment)
            mails.append((day, try desk.mails().count))
        }
        #expect(mails.map(\.count) == [0, 0, 0, 1, 1, 2, 2])
        #expect(try desk.mails().first == "Your webhook endpoint has been failing for days")
        #expect(try desk.endpoint(made.id).reason == .failing)
    }

    @Test("do not disable before a warning had a day to be heeded")
    func heeded() async throws {
        let made = try await desk.make()
        desk.answer(500)
        try desk.publish("old", at: noon)
        try await desk.send(at: noon)
        try await desk.send(at: noon.adding(days: 30))
        #expect(try desk.mails().count == 1)
        #expect(try desk.endpoint(made.id).status == .active)
        try desk.publish("new", at: noon.adding(days: 31))
        try await desk.send(at: noon.adding(days: 31))
        #expect(try desk.endpoint(made.id).status == .disabled)
    }

    @Test("forget how it failed at the first success")
    func recovered() async throws {
        let made = try await desk.make()
        desk.answer(500)
        for day in 0..<4 {
            try desk.publish("day \(day)", at: noon.adding(days: day))
            try await desk.send(at: noon.adding(days: day))
        }
        #expect(try desk.endpoint(made.id).warnedAt != nil)
        desk.answer(204)
        try await desk.send(at: noon.adding(days: 5))
        let endpoint = try desk.endpoint(made.id)
        #expect(endpoint.failingSince == nil && endpoint.warnedAt == nil && endpoint.status == .active)
    }

    @Test("keep the first 1024 bytes of what was answered")
    func answerKept() async throws {
        let made = try await desk.make()
        try desk.publish()
        desk.answer(400, body: String(repeating: "é", count: 5000))
        try await desk.send(at: noon)
        #expect(try desk.log(made.id).first?.answer.count == 1024)
    }

    @Test("are removed after thirty days, and an endpoint that was deleted with its last one")
    func removed() async throws {
        let made = try await desk.make()
        for day in 0..<3 { try desk.publish("day \(day)", at: noon.adding(days: day)) }
        try await desk.send(at: noon.adding(days: 3))
        let store = desk.unit.store
        func sweep(at moment: Timestamp) throws {
            while try store.writeBlocking({ db in try Webhooks.deleteOld(at: moment, db) }) {}
        }
        try sweep(at: noon.adding(days: 31))
        #expect(try desk.log(made.id).count == 2)
        _ = try await desk.call(DeleteWebhook.self, made.id, at: noon.adding(days: 31))
        try sweep(at: noon.adding(days: 40))
        let left: Int64? = try store.read { db in try db.value("SELECT count(*) FROM webhook_endpoint") }
        #expect(left == 0)
    }
}
