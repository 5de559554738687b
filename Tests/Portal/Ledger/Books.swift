import Glibc
import Storage

@testable import Portal

/// A migrated store in a folder of its own, gone with it, and what a test does to the books in it.
final class Books: Sendable {
    private let folder: String
    let store: Store

    static let start = Timestamp(day: Day(year: 2026, month: 3, day: 15))

    init() throws {
        var template = Array("/var/tmp/purser-books-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError.system(call: "mkdtemp", errno: errno) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        store = try Store(StoreSettings(path: "\(folder)/books.db"))
        try store.migrate(migrations)
        try store.writeBlocking { db in try Catalogue.complete(at: Self.start, db) }
    }

    deinit {
        store.close()
        for name in ["books.db", "books.db-wal", "books.db-shm", "lock"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// An account with a key and no credit.
    func account(_ number: Int) throws -> (account: Int64, key: Int64) {
        guard let email = Email("person\(number)@example.com") else { throw StoreError.misuse("address") }
        let key = APIKey(text: "bioql_person\(number)")
        let newcomer = Newcomer(name: "Person \(number)", email: email, passwordHash: nil, plan: "enterprise")
        return try write { db in
            let ids = try newcomer.insert(
                key: key,
                digest: [UInt8](repeating: UInt8(number), count: 32),
                credit: .zero,
                at: Self.start,
                db
            )
            return (ids.account, ids.key)
        }
    }

    @discardableResult
    func write<Result: Sendable>(_ body: @escaping @Sendable (borrowing Database) throws -> Result) throws -> Result {
        try store.writeBlocking(body)
    }

    /// A use of `micros` millionths of a dollar, invoiced at `threshold`.
    func use(_ micros: Int64, by owner: (account: Int64, key: Int64), threshold: Cents, at now: Timestamp) throws {
        try write { db in
            var batch = UsageBatch(
                accountID: owner.account,
                keyID: owner.key,
                usageMicros: try Accounts.usageMicros(of: owner.account, db),
                now: now,
                threshold: threshold,
                meterReports: nil
            )
            let price = Prices.Price(unitMicros: micros, isSimulator: false)
            let backend = Backend(known: micros % 2 == 0 ? "even" : "odd")
            _ = try batch.add(
                UsageEvent(meter: .shots, backend: backend, quantity: 1, price: price, occurredAt: now),
                db
            )
            try batch.finish(db)
        }
    }

    /// Notes that so much of a payment went back in all.
    func refund(upTo total: Int64, of payment: String, at now: Timestamp) throws {
        try write { db in
            let before = try require(try Payments.find(payment, db))
            try Payments.note(chargeID: "ch_1", refunds: Cents(total), of: before.id, db)
            _ = try GivingBack.settle(try require(try Payments.find(payment, db)), at: now, Self.links, db)
        }
    }

    static let links = InvoiceLinks(pepper: "pepper", publicURL: "https://example.com")

    var findings: [String] {
        get throws { try store.read { db in try LedgerCheck.run(db) } }
    }

    func balance(_ side: Ledger.Side, of account: Int64) throws -> Int64 {
        try store.read { db in try Ledger.balance(side, of: account, db).value }
    }
}

/// Numbers that are the same for the same seed (SplitMix64; Steele, Lea, Flood 2014).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
