import Crypto
import FastCGI
import FoundationEssentials
import Glibc
import Logging
import Outbound
import Storage
import Telemetry
import Web

/// Builds the ``App`` that serves for real: the system's clock and randomness, the store in its folder, the provider.
enum Assembly {
    /// Opens and migrates the store, so that a new version serves a current schema or does not start.
    /// - Throws: ``StoreError`` when another process owns the folder, or the schema is a newer version's.
    static func app(_ settings: Settings) throws -> App {
        var log = Logger(label: "purser") { JournalLog(label: $0) }
        log.logLevel = settings.logLevel
        try makeFolder(settings.state)
        let store = try Store(StoreSettings(path: "\(settings.state)/purser.db"))
        let applied = try store.migrate(migrations)
        if !applied.isEmpty { log.notice("the schema was brought up to date", metadata: ["steps": "\(applied.count)"]) }
        try store.writeBlocking { db in try Catalogue.complete(at: wallClock(), db) }
        let clock = try HouseClock(store)
        let now: @Sendable () -> Timestamp = { clock?.now ?? wallClock() }
        let settings = clock == nil ? settings : settings.onTestClock()
        if let clock { log.warning("\(settings.paymentSummary)", metadata: ["now": "\(clock.now.text)"]) }
        let pepper = try pepper(settings, log)
        return App(
            settings: settings,
            store: store,
            now: now,
            uptime: steadyClock,
            random: { try Random.bytes($0) },
            passwords: PasswordLane(uptime: steadyClock),
            keyDigests: KeyDigests(pepper: pepper),
            keysSeen: LastSeen(APIKeys.setLastUse),
            sessionsSeen: LastSeen(Sessions.setSeen),
            seedKey: SealingKey(secret: Array(pepper.utf8), purpose: "totp"),
            stripe: try stripe(settings),
            lago: try lago(settings),
            stripeInbox: StripeInbox(),
            gitHubKeys: try gitHubKeys(settings),
            postbox: try postbox(settings),
            openID: try openID(settings),
            outbox: Outbox(),
            webhooks: try webhooks(settings, pepper),
            invoiceLinks: InvoiceLinks(pepper: pepper, publicURL: settings.publicURL),
            documents: documents(),
            prices: PriceBook(),
            simulations: Simulations(),
            requests: RequestCounts(),
            appRequests: AppRequests(),
            calls: Calls(),
            limits: Limits(settings),
            log: log,
            houseClock: clock
        )
    }

    private static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        throw SettingsFault(mistakes: ["STATE: cannot make the folder \(path): \(String(cString: strerror(errno)))"])
    }

    /// The given pepper, else one made once beside the database: better than none, worse than a credential, since
    /// whoever copies the folder has both.
    private static func pepper(_ settings: Settings, _ log: Logger) throws -> String {
        if let pepper = settings.keyPepper { return pepper }
        let path = "\(settings.state)/key_pepper"
        if access(path, F_OK) == 0 { return try SettingSources.read(path) }
        let made = Hex.encode(try Random.bytes(32))
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SettingsFault(mistakes: ["cannot write \(path)"]) }
        defer { close(file) }
        guard write(file, made, made.utf8.count) == made.utf8.count, fsync(file) == 0 else {
            throw SettingsFault(mistakes: ["cannot write \(path)"])
        }
        log.warning("no KEY_PEPPER is given; one was made beside the database, where a copy of the folder has both")
        return made
    }

    private static func stripe(_ settings: Settings) throws -> StripeClient? {
        guard let key = settings.stripeSecretKey else { return nil }
        let lane = try Lane(
            name: "stripe",
            threads: 10,
            queueLimit: 256,
            caFile: settings.stripeCAFile,
            now: { steadyClock() / 1000 }
        )
        return StripeClient(lane: lane, base: settings.stripeAPIBase, key: key)
    }

    private static func lago(_ settings: Settings) throws -> Lago? {
        guard let base = settings.lagoAPIURL, let key = settings.lagoAPIKey else { return nil }
        let lane = try Lane(name: "lago", threads: 2, queueLimit: 64, now: { steadyClock() / 1000 })
        return Lago(LagoClient(lane: lane, base: base, key: key))
    }

    private static func gitHubKeys(_ settings: Settings) throws -> GitHubKeys {
        let lane = try Lane(name: "github", threads: 1, queueLimit: 16, now: { steadyClock() / 1000 })
        let url = settings.gitHubScanningKeysURL
        return GitHubKeys { try await lane.send(OutboundRequest(.get, url, timeout: .seconds(5))) }
    }

    private static func postbox(_ settings: Settings) throws -> Postbox? {
        let way: Postbox.Way
        if let server = settings.mailServer {
            let lane = try Lane(
                name: "mail",
                threads: 2,
                queueLimit: 16,
                caFile: settings.mailCAFile,
                now: { steadyClock() / 1000 }
            )
            way = .server(server, lane)
        } else if let folder = settings.mailFolder {
            way = .folder(MailFolder(path: folder))
        } else {
            return nil
        }
        return Postbox(way: way, from: settings.mailFrom, site: settings.publicURL)
    }

    private static func webhooks(_ settings: Settings, _ pepper: String) throws -> WebhookDispatch {
        let policy = AddressPolicy(allowing: settings.webhookPrivateRanges)
        let courier = try Courier(name: "webhooks", policy: policy, now: { steadyClock() / 1000 })
        let key = SealingKey(secret: Array(pepper.utf8), purpose: "webhook")
        return WebhookDispatch(policy: policy, sealingKey: key) { request, receiver in
            try await courier.send(request, to: receiver)
        }
    }

    /// A PDF of some pages takes as long as hundreds of other answers; `InvoicePDF` draws one at a time.
    private static func documents() -> BoundedLane {
        BoundedLane(
            "purser-documents",
            runningAtMost: 1,
            busy: .unavailable("Too many documents are being made, please try again", code: "busy"),
            uptime: steadyClock
        )
    }

    private static func openID(_ settings: Settings) throws -> OpenID {
        OpenID(
            issuers: try settings.idProviders.map { provider in
                try Issuer(provider, caFile: settings.idProvidersCAFile, uptime: steadyClock)
            }
        )
    }

    @Sendable static func wallClock() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    @Sendable static func steadyClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
