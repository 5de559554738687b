import Crypto
import Storage
import Testing
import Web

@testable import Portal

@Suite("A sign-in")
struct LogInTests {
    private let house: UnitStore

    init() throws {
        house = try UnitStore()
    }

    private func person(hash: String?) throws -> Int64 {
        let email = try require(Email("ada@example.com"))
        let newcomer = Newcomer(name: "Ada", email: email, passwordHash: hash)
        let key = APIKey(text: "bioql_ada")
        let digest = KeyDigests(pepper: "pepper").digest(of: key.text)
        return try house.store.writeBlocking { db in
            try newcomer.insert(key: key, digest: digest, credit: .zero, at: UnitStore.noon, db).person
        }
    }

    private func logIn(_ password: String, at now: Timestamp = UnitStore.noon) async throws -> Header? {
        let fields: JSONValue = .object([
            .init("email", .string("ada@example.com")), .init("password", .string(password)),
        ])
        let input = try InputDecoder.decode(LogIn.Input.self, from: fields)
        let caller = Caller(address: "192.0.2.1", requestID: "r")
        return try await LogIn.handle(input, by: caller, in: try house.app(at: now)).cookie
    }

    private func hash(of id: Int64) throws -> String? {
        try house.store.read { db in try People.find(id, db)?.passwordHash }
    }

    @Test("by password brings a hash of another cost up to date, once")
    func rehash() async throws {
        let cheap = try require(PasswordHash.Cost(logN: 3, r: 1, p: 1))
        let old = try PasswordHash.make(Array("a long walk".utf8), cost: cheap)
        let id = try person(hash: old)
        await #expect(throws: Failure.self) { try await logIn("a short walk") }
        #expect(try hash(of: id) == old)
        #expect(try await logIn("a long walk") != nil)
        let new = try require(try hash(of: id))
        #expect(new.hasPrefix("$scrypt$ln=4,r=1,p=1$"))
        #expect(try await logIn("a long walk") != nil)
        #expect(try hash(of: id) == new)
    }

    @Test("is refused during the delay even with the right password, and let in after it")
    func delayed() async throws {
        let cost = try require(PasswordHash.Cost(logN: 4, r: 1, p: 1))
        _ = try person(hash: try PasswordHash.make(Array("a long walk".utf8), cost: cost))
        for _ in 0..<5 {
            let refusal = await #expect(throws: Failure.self) { try await logIn("wrong") }
            #expect(refusal?.status == 401)
        }
        let refusal = await #expect(throws: Failure.self) { try await logIn("a long walk") }
        #expect(refusal?.status == 429)
        #expect(try await logIn("a long walk", at: UnitStore.noon.adding(seconds: 1)) != nil)
        // The success has cleared the slate.
        for _ in 0..<4 { _ = try? await logIn("wrong", at: UnitStore.noon.adding(seconds: 2)) }
        #expect(try await logIn("a long walk", at: UnitStore.noon.adding(seconds: 2)) != nil)
    }

    @Test("of a disabled person is refused in the words that a stranger hears")
    func disabled() async throws {
        let cost = try require(PasswordHash.Cost(logN: 4, r: 1, p: 1))
        let id = try person(hash: try PasswordHash.make(Array("a long walk".utf8), cost: cost))
        try await house.store.write { db in _ = try People.disable(id, at: UnitStore.noon, db) }
        let refusal = await #expect(throws: Failure.self) { try await logIn("a long walk") }
        #expect(refusal?.code == "invalid_credentials")
        #expect(try house.store.read { db in try Accounts.first(ofPerson: id, db) } != nil)
    }
}
