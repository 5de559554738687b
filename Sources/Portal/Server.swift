import FastCGI
import Glibc
import Web

/// The running service: the pool in front, the background beside it, the store behind.
public enum Server {
    /// Serves until SIGTERM or SIGINT, then finishes what is in flight.
    ///
    /// Call ``prepare()`` first, before any thread exists.
    /// - Throws: settings that are wrong, a store that another process owns, a socket that cannot be bound.
    public static func run(_ sources: SettingSources) throws {
        let settings = try Settings(try sources.values())
        let app = try Assembly.app(settings)
        defer { app.store.close() }
        let table = try RouteTable(routes)
        let serve = Serve(app: app, table: table)
        let manager = ServiceManager(environment: sources.environmentVariables)

        let pool = try WorkerPool(listener: try listener(settings), settings: poolSettings(settings)) { exchange in
            await serve.answer(exchange).write(to: exchange)
        }
        let control = try ControlSocket(serve, state: settings.state)
        try pool.start()
        control.start()
        let background = Task { await Background(app: app, table: table).run() }
        let outbox = Task { await app.outbox.run(app) }
        let inbox = Task { await app.stripeInbox.run(app) }
        let reconciler = Task { await Reconciler(app: app).run() }
        // Customers' servers must not hear from a copy.
        let webhooks = Task { if app.houseClock == nil { await app.webhooks.run(app) } }
        let lago = Task { await app.lago?.run(app) }
        let watchdog = Task { await feed(manager, pool, app) }
        app.log.notice("Purser \(Purser.version) serves; \(app.settings.paymentSummary); \(app.settings.mailSummary)")
        manager.notify("READY=1\nSTATUS=Serving; \(app.settings.paymentSummary)")

        let signal = Signals.wait(for: [SIGTERM, SIGINT])
        app.log.notice("stopping", metadata: ["signal": "\(signal)"])
        manager.notify("STOPPING=1")
        pool.stop()
        control.stop()
        watchdog.cancel()
        background.cancel()
        lago.cancel()
        reconciler.cancel()
        app.outbox.stop()
        app.stripeInbox.stop()
        app.webhooks.stop()
        Blocking.wait {
            _ = await (
                background.value, outbox.value, inbox.value, reconciler.value, webhooks.value, lago.value
            )
            try? await app.requests.flush(to: app.store, table)
            try? await app.appRequests.flush(to: app.store)
            try? await app.calls.flush(app)
            try? await app.keysSeen.flush(to: app.store)
            try? await app.sessionsSeen.flush(to: app.store)
        }
    }

    /// Masks all signals, so that only ``run(_:)`` sees them.
    public static func prepare() {
        Signals.blockAll()
    }

    private static func listener(_ settings: Settings) throws -> Listener {
        if let inherited = try Listener.inherited() { return inherited }
        return try Listener.bind(path: settings.socket, group: settings.socketGroup, backlog: 4096)
    }

    private static func poolSettings(_ settings: Settings) -> PoolSettings {
        var pool = PoolSettings()
        pool.threads = settings.workers
        pool.allowedPeers = settings.allowedUIDs
        return pool
    }

    /// Tells systemd that we live, as long as workers turn and the store answers.
    private static func feed(_ manager: ServiceManager, _ pool: WorkerPool, _ app: App) async {
        guard let seconds = manager.watchdogSeconds else { return }
        while !Task.isCancelled {
            if pool.isAlive(), (try? app.store.read { db in try Accounts.hasTable(db) }) == true {
                manager.notify("WATCHDOG=1")
            }
            try? await Task.sleep(for: .seconds(seconds / 3))
        }
    }
}
