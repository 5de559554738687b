import Crypto
import Storage
import Testing
import Web

@testable import Portal

@Suite("A session")
struct SessionsTests {
    private let house: UnitStore
    private let settings: Settings

    init() throws {
        house = try UnitStore()
        settings = try house.app().settings
    }

    private func open(_ name: String, isOperator: Bool = false, at now: Timestamp = UnitStore.noon) throws -> (
        token: String, person: Int64, id: Int64
    ) {
        let email = try require(Email("\(name)@example.com"))
        let person = try house.store.writeBlocking { db in
            if let known = try People.find(email: email, db) { return known }
            let newcomer = Newcomer(name: name, email: email, passwordHash: nil, isOperator: isOperator)
            let key = APIKey(text: "bioql_\(name)")
            let digest = KeyDigests(pepper: "pepper").digest(of: key.text)
            let id = try newcomer.insert(key: key, digest: digest, credit: .zero, at: now, db).person
            return try require(try People.find(id, db))
        }
        let token = try SingleUseTokens.make(try house.app())
        let id = try house.store.writeBlocking { db in
            let account = try require(try Accounts.first(ofPerson: person.id, db))
            let caller = Caller(address: "192.0.2.1", requestID: "r")
            return try Sessions.insert(
                token: token,
                person: person,
                accountID: account,
                hasSecondFactor: false,
                by: caller,
                at: now,
                settings,
                db
            )
        }
        return (token, person.id, id)
    }

    private func lives(_ token: String, at now: Timestamp) throws -> Bool {
        try house.store.read { db in try Sessions.find(token: token, at: now, settings, db) } != nil
    }

    /// Minute by minute as a browser would, by the way that a request takes.
    private func keepUsing(_ token: String, until end: Timestamp, everySeconds: Int64) async throws {
        var now = UnitStore.noon
        while now < end {
            now = now.adding(seconds: everySeconds)
            let app = try house.app(at: now)
            guard let session = try house.store.read({ db in try Sessions.find(token: token, at: now, settings, db) })
            else { return }
            app.sessionsSeen.note(session.id, at: now)
            try await app.sessionsSeen.flush(to: house.store)
        }
    }

    @Test("ends after a week without a request")
    func idle() throws {
        let session = try open("ada")
        #expect(try lives(session.token, at: UnitStore.noon.adding(days: 7).adding(seconds: -1)))
        #expect(try !lives(session.token, at: UnitStore.noon.adding(days: 7)))
    }

    @Test("of an operator ends after half an hour without a request")
    func operatorIdle() throws {
        let session = try open("olivia", isOperator: true)
        #expect(try lives(session.token, at: UnitStore.noon.adding(seconds: 1799)))
        #expect(try !lives(session.token, at: UnitStore.noon.adding(seconds: 1800)))
    }

    @Test("that is used goes on, and ends after thirty days all the same")
    func absolute() async throws {
        let session = try open("ada")
        let end = UnitStore.noon.adding(days: 30)
        try await keepUsing(session.token, until: end.adding(seconds: -60), everySeconds: 6 * 3600 - 7)
        #expect(try lives(session.token, at: end.adding(seconds: -1)))
        #expect(try !lives(session.token, at: end))
    }

    @Test("of an operator ends after twelve hours however busy they are")
    func operatorAbsolute() async throws {
        let session = try open("olivia", isOperator: true)
        let end = UnitStore.noon.adding(seconds: 12 * 3600)
        try await keepUsing(session.token, until: end.adding(seconds: -60), everySeconds: 601)
        #expect(try lives(session.token, at: end.adding(seconds: -1)))
        #expect(try !lives(session.token, at: end))
    }

    private func find(_ token: String) throws -> Sessions.Session? {
        try house.store.read { db in try Sessions.find(token: token, at: UnitStore.noon, settings, db) }
    }

    @Test("is one of fifty at most: another one ends the oldest")
    func atMost() throws {
        let tokens = try (0..<51).map { try open("ada", at: UnitStore.noon.adding(seconds: Int64($0))).token }
        let now = UnitStore.noon.adding(seconds: 60)
        #expect(try tokens.map { try lives($0, at: now) } == [false] + [Bool](repeating: true, count: 50))
    }

    @Test("ends when its person is disabled, and stays ended when they are enabled again")
    func disabled() throws {
        let (session, other) = (try open("ada"), try open("bob"))
        try house.store.writeBlocking { db in try People.disable(session.person, at: UnitStore.noon, db) }
        #expect(try !lives(session.token, at: UnitStore.noon))
        #expect(try lives(other.token, at: UnitStore.noon))
        try house.store.writeBlocking { db in try People.enable(session.person, db) }
        #expect(try !lives(session.token, at: UnitStore.noon))
    }

    @Test("goes with what has expired")
    func removed() throws {
        let session = try open("ada")
        let now = UnitStore.noon.adding(days: 31)
        try house.store.writeBlocking { db in try Sessions.deleteExpired(at: now, settings, db) }
        #expect(try find(session.token) == nil)
    }

    @Test("of an operator opens their pages only once it showed a second factor, unless the site asks for none")
    func operators() async throws {
        let session = try open("olivia", isOperator: true)
        let stranger = try open("ada")
        let route = Route(.get, "/x", ShowStats.self, .operatorSession, .read, .none)
        func admit(_ token: String, _ environment: [String: String] = [:]) async throws -> String {
            let request = PlainRequest("GET", "/x", ["HTTP_COOKIE": "session_token=\(token)"])
            var caller = Presented.caller(request, route, "r")
            do {
                try await Authentication.admit(&caller, to: route, nil, request, try house.app(environment))
                return "in"
            } catch let failure as Failure {
                return "\(failure.status) \(failure.code)"
            }
        }
        #expect(try await admit(session.token) == "403 second_factor_required")
        #expect(try await admit(session.token, ["OPERATOR_SECOND_FACTOR": "off"]) == "in")
        #expect(try await admit(stranger.token) == "403 forbidden")
        try house.store.writeBlocking { db in try Sessions.setSecondFactor(true, of: session.id, db) }
        #expect(try await admit(session.token) == "in")
        try house.store.writeBlocking { db in try Sessions.forgetSecondFactor(ofPerson: session.person, db) }
        #expect(try await admit(session.token) == "403 second_factor_required")
    }
}
