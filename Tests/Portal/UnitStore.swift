import Crypto
import Glibc
import Logging
import Outbound
import Storage

@testable import Portal

/// A migrated store with the initial plans and prices, in a folder of its own that goes with it.
final class UnitStore: Sendable {
    let folder: String
    let store: Store

    /// - Parameters:
    ///   - root: `/dev/shm` for tests of many small writes, which are then in memory alone.
    ///   - old: makes an older store there, to be brought up to date.
    init(in root: String = "/var/tmp", upgrading old: (_ path: String) throws -> Void = { _ in }) throws {
        var template = Array("\(root)/purser-portal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError.system(call: "mkdtemp", errno: errno) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try old("\(folder)/purser.db")
        store = try Store(StoreSettings(path: "\(folder)/purser.db"))
        try store.migrate(migrations)
        try store.writeBlocking { db in try Catalogue.complete(at: Timestamp(milliseconds: 0), db) }
    }

    deinit {
        store.close()
        for name in ["purser.db", "purser.db-wal", "purser.db-shm", "purser.lock", "lock"] {
            unlink("\(folder)/\(name)")
        }
        guard let directory = opendir(folder) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { unlink("\(folder)/\(name)") }
        }
        closedir(directory)
        rmdir(folder)
    }

    static let noon = Timestamp(day: Day(year: 2026, month: 3, day: 15)).adding(seconds: 43_200)

    static let sealingKey = SealingKey(secret: Array("pepper".utf8), purpose: "webhook")

    typealias Identities = (person: Int64, account: Int64, key: Int64)

    func account(_ name: String, plan: String = "enterprise", credit: Cents = .zero) throws -> Identities {
        let email = try require(Email("\(name)@example.com"))
        let newcomer = Newcomer(name: name, email: email, passwordHash: nil, plan: plan)
        let key = APIKey(text: "bioql_\(name)")
        let digest = KeyDigests(pepper: "pepper").digest(of: key.text)
        return try store.writeBlocking { db in
            try newcomer.insert(key: key, digest: digest, credit: credit, at: Self.noon.adding(days: -400), db)
        }
    }

    /// An app over this store whose clock stands still.
    func app(
        _ environment: [String: String] = [:],
        at moment: Timestamp = noon,
        webhooks: WebhookDispatch? = nil,
        stripe: StripeClient? = nil
    ) throws -> App {
        let values = SettingValues(environment: environment, credentials: [:], file: [:])
        let settings = try Settings(values)
        return App(
            settings: settings,
            store: store,
            now: { moment },
            uptime: { moment.milliseconds * 1000 },
            random: { try Random.bytes($0) },
            passwords: PasswordLane(cost: try require(PasswordHash.Cost(logN: 4, r: 1, p: 1)), uptime: { 0 }),
            keyDigests: KeyDigests(pepper: settings.keyPepper ?? "pepper"),
            keysSeen: LastSeen(APIKeys.setLastUse),
            sessionsSeen: LastSeen(Sessions.setSeen),
            seedKey: SealingKey(secret: Array("pepper".utf8), purpose: "totp"),
            stripe: stripe,
            lago: nil,
            stripeInbox: StripeInbox(),
            gitHubKeys: GitHubKeys { throw Missing() },
            postbox: nil,
            openID: OpenID(issuers: []),
            outbox: Outbox(),
            webhooks: webhooks
                ?? WebhookDispatch(policy: AddressPolicy(), sealingKey: Self.sealingKey) { _, _ in
                    throw OutboundError.closed
                },
            invoiceLinks: InvoiceLinks(pepper: "pepper", publicURL: settings.publicURL),
            documents: BoundedLane("documents", runningAtMost: 1, busy: .unavailable("busy"), uptime: { 0 }),
            prices: PriceBook(),
            simulations: Simulations(),
            requests: RequestCounts(),
            appRequests: AppRequests(),
            calls: Calls(),
            limits: Limits(settings),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}

extension Calls {
    /// By the limits that hold now.
    func take(
        _ cost: Int64,
        of grant: Caller.KeyGrant,
        accountID: Int64,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> Verdict {
        let limits = try CallLimits.find(accountID: accountID, appID: grant.appID, in: now.month, db)
        return try take(cost, of: grant, accountID: accountID, within: limits, at: now, in: now.month, db)
    }
}

struct Missing: Error {}

func require<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Missing() }
    return value
}

/// A request made up of its CGI variables.
struct PlainRequest: IncomingRequest {
    var parameters: [String: String]
    var body: [UInt8] = []
    var isShell = false

    init(_ method: String, _ target: String, _ others: [String: String] = [:], body: String = "", isShell: Bool = false)
    {
        parameters = others
        parameters["REQUEST_METHOD"] = method
        parameters["REQUEST_URI"] = target
        self.body = Array(body.utf8)
        self.isShell = isShell
    }

    func parameter(_ name: StaticString) -> String? { parameters["\(name)"] }

    func withParameter<R>(_ name: StaticString, _ body: (UnsafeBufferPointer<UInt8>?) throws -> R) rethrows -> R {
        guard let value = parameter(name) else { return try body(nil) }
        return try Array(value.utf8).withUnsafeBufferPointer { try body($0) }
    }

    func readBody(limit: Int) throws -> [UInt8] { body }
}

/// Random numbers that a failed test can be run again with: `SEED=… swift test`.
struct SeededDice: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(for test: String) {
        seed = getenv("SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...999_999_999)
        state = seed
        print("\(test): SEED=\(seed)")
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[roll(0...items.count - 1)] }
}
