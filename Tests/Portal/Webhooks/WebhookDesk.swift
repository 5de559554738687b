import Crypto
import Outbound
import Storage
import Synchronization
import Web

@testable import Portal

/// A store with one account in it, a receiver that answers as it is told, and a dispatch between them.
final class WebhookDesk: Sendable {
    struct Received: Sendable {
        let url: String
        let headers: [String: String]
        let body: JSONValue
        let bytes: [UInt8]

        var id: String { headers["webhook-id"] ?? "" }
        var seconds: Int64 { headers["webhook-timestamp"].flatMap { Int64($0) } ?? 0 }
    }

    /// Done while a request is under way, the so many-th.
    typealias Meanwhile = @Sendable (Int) async throws -> Void
    typealias Reply = @Sendable (OutboundRequest) throws -> OutboundResponse

    let unit: UnitStore
    let account: UnitStore.Identities
    let dispatch: WebhookDispatch
    private let inbox: Inbox

    private final class Inbox: Sendable {
        let received = Mutex<[Received]>([])
        let meanwhile = Mutex<Meanwhile> { _ in }
        let reply = Mutex<Reply> { _ in OutboundResponse(status: 200, headers: [], body: []) }
    }

    init() throws {
        unit = try UnitStore()
        account = try unit.account("ada")
        let inbox = Inbox()
        self.inbox = inbox
        dispatch = WebhookDispatch(policy: AddressPolicy(), sealingKey: UnitStore.sealingKey) { request, _ in
            let bytes = request.body ?? []
            let received = Received(
                url: request.url,
                headers: Dictionary(uniqueKeysWithValues: request.headers),
                body: try JSONParser.parse(bytes),
                bytes: bytes
            )
            let reply = inbox.reply.withLock { $0 }
            let response = try reply(request)
            let count = inbox.received.withLock { list in
                list.append(received)
                return list.count
            }
            try await inbox.meanwhile.withLock { $0 }(count)
            return response
        }
    }

    func answer(_ status: Int, _ headers: [(name: String, value: String)] = [], body: String = "") {
        inbox.reply.withLock { reply in
            reply = { _ in OutboundResponse(status: status, headers: headers, body: Array(body.utf8)) }
        }
    }

    func whenAsked(_ meanwhile: @escaping Meanwhile) {
        inbox.meanwhile.withLock { $0 = meanwhile }
    }

    func fail(_ error: OutboundError) {
        inbox.reply.withLock { reply in reply = { _ in throw error } }
    }

    /// What has arrived since the last call.
    func received() -> [Received] {
        inbox.received.withLock { list in
            defer { list = [] }
            return list
        }
    }

    func app(at moment: Timestamp) throws -> App { try unit.app(at: moment, webhooks: dispatch) }

    /// All that is due at a moment goes out.
    func send(at moment: Timestamp) async throws {
        await dispatch.sendDue(try app(at: moment))
    }

    var owner: Caller {
        get throws {
            let account = account
            let holder = try unit.store.read { db in
                let person = try require(try People.find(account.person, db))
                return Caller.Holder(
                    accountID: account.account,
                    userID: person.id,
                    isOperator: false,
                    profile: .init(
                        name: person.name,
                        email: person.email,
                        stripeCustomerID: nil,
                        createdAt: person.createdAt,
                        isVerified: false
                    ),
                    role: .owner
                )
            }
            return Caller(kind: .session(holder, sessionID: 1), address: "192.0.2.1", requestID: "r")
        }
    }

    func make(
        _ url: String = "https://hooks.example/a",
        events: String = #"["*"]"#,
        app appID: Int64? = nil,
        at moment: Timestamp = UnitStore.noon
    ) async throws -> CreateWebhook.Made {
        let more = appID.map { #","app_id":\#($0)"# } ?? ""
        let input = try JSONParser.parse(Array(#"{"url":"\#(url)","events":\#(events)\#(more)}"#.utf8))
        return try await CreateWebhook.handle(
            try InputDecoder.decode(CreateWebhook.Input.self, from: input),
            by: try owner,
            in: try app(at: moment)
        ).body
    }

    func publish(_ subject: String = "s", at moment: Timestamp = UnitStore.noon) throws {
        let account = account.account
        try unit.store.writeBlocking { db in
            let data = TicketPayload(ticketID: "TKT-1", priority: .low, subject: subject, answerDueAt: moment)
            try Webhooks.publish(.ticketCreated, account: account, data: data, at: moment, db)
        }
    }

    func endpoint(_ id: String) throws -> WebhookEndpoints.Endpoint {
        try unit.store.read { db in try WebhookEndpoints.require(id, of: account.account, db) }
    }

    /// Newest first.
    func log(_ id: String) throws -> [WebhookDeliveries.Logged] {
        try unit.store.read { db in
            let endpoint = try WebhookEndpoints.require(id, of: account.account, db)
            return try WebhookDeliveries.list(of: endpoint.id, status: nil, before: .max, limit: 1000, db)
        }
    }

    /// Subjects of the mails that wait to be sent, oldest first.
    func mails() throws -> [String] {
        try unit.store.read { db in
            let waiting = try OutboxRows.due([.mail], at: UnitStore.noon.adding(days: 400), atMost: 64, db)
            return waiting.compactMap { $0.payload["subject"]?.string }
        }
    }

    func input(_ id: String, _ more: String = "") throws -> JSONValue {
        try JSONParser.parse(Array(#"{"id":"\#(id)"\#(more.isEmpty ? "" : "," + more)}"#.utf8))
    }

    func call<E: Endpoint>(_: E.Type, _ id: String, _ more: String = "", at moment: Timestamp) async throws -> E.Answer
    {
        let input = try InputDecoder.decode(E.Input.self, from: try input(id, more))
        return try await E.handle(input, by: try owner, in: try app(at: moment))
    }
}
