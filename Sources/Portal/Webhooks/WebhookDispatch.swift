import Crypto
import Outbound
import Storage
import Synchronization

/// Sends what waits for customers' endpoints, each endpoint by itself: one that hangs keeps only its own waiting.
///
/// An attempt is written down before the next message of its place is read, so whatever is not written down is sent
/// again after a crash, under the same id.
final class WebhookDispatch: Sendable {
    typealias Send = @Sendable (OutboundRequest, _ receiver: String) async throws -> OutboundResponse

    /// Requests under way at once to an endpoint that is well; to one that fails, one.
    private static let width = 4
    /// Endpoints served at once; a round of one takes no longer than a time-out.
    private static let endpointsAtMost = 1000
    private static let pollMilliseconds = 100
    /// How long those who are being asked have at the end.
    private static let patiencePolls = 10

    let policy: AddressPolicy
    let sealingKey: SealingKey
    private let send: Send
    private let state = Mutex(State())

    private struct State {
        var serving: Set<Int64> = []
        /// Endpoints that are left alone until then, on the clock that never jumps, in milliseconds.
        var held: [Int64: Int64] = [:]
        /// Being served by what was read before they changed.
        var changed: Set<Int64> = []
        var isStopped = false
    }

    init(policy: AddressPolicy, sealingKey: SealingKey, send: @escaping Send) {
        (self.policy, self.sealingKey, self.send) = (policy, sealingKey, send)
    }

    /// Ends ``run(_:)`` within moments. What has not been answered by then is broken off, and sent again after the next
    /// start under the same id.
    func stop() {
        state.withLock { $0.isStopped = true }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }
    private var isServing: Bool { state.withLock { !$0.serving.isEmpty } }

    /// Runs until ``stop()``.
    func run(_ app: App) async {
        await withDiscardingTaskGroup { group in
            while !isStopped {
                for id in endpointsToServe(app) {
                    group.addTask {
                        await self.serve(id, app)
                        self.state.withLock { _ = $0.serving.remove(id) }
                    }
                }
                try? await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
            }
            for _ in 0..<Self.patiencePolls where isServing {
                try? await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
            }
            group.cancelAll()
        }
    }

    /// Sends all that is due now and can be sent, and returns. For tests.
    func sendDue(_ app: App) async {
        for id in endpointsToServe(app) {
            await serve(id, app)
            state.withLock { _ = $0.serving.remove(id) }
        }
    }

    /// Something about the endpoint has changed: nothing more is sent by what was read of it before.
    func heedChange(of id: Int64) {
        state.withLock { state in
            state.held[id] = nil
            if state.serving.contains(id) { state.changed.insert(id) }
        }
    }

    private func isChanged(_ id: Int64) -> Bool { state.withLock { $0.changed.contains(id) } }

    private func endpointsToServe(_ app: App) -> [Int64] {
        let now = app.uptime() / 1000
        guard let due = try? app.store.read({ db in try WebhookDeliveries.endpointsDue(at: app.now(), db) }) else {
            return []
        }
        return state.withLock { state in
            state.held = state.held.filter { $0.value > now }
            let free = due.filter { !state.serving.contains($0) && state.held[$0] == nil }
            let chosen = free.prefix(max(0, Self.endpointsAtMost - state.serving.count))
            state.serving.formUnion(chosen)
            return Array(chosen)
        }
    }

    private func hold(_ id: Int64, milliseconds: Int64, _ app: App) {
        let until = app.uptime() / 1000 + milliseconds
        state.withLock { $0.held[id] = until }
    }

    /// Sends what is due for one endpoint until there is nothing more, or it has to wait.
    private func serve(_ id: Int64, _ app: App) async {
        while !isStopped {
            state.withLock { _ = $0.changed.remove(id) }
            let now = app.now()
            let round = try? app.store.read { db -> (WebhookEndpoints.Endpoint, [WebhookDeliveries.Due])? in
                guard let endpoint = try WebhookEndpoints.find(id, db), endpoint.status == .active,
                    endpoint.pausedUntil <= now
                else { return nil }
                return (endpoint, try WebhookDeliveries.due(for: id, at: now, db))
            }
            guard let (endpoint, due) = round ?? nil else { return hold(id, milliseconds: 1000, app) }
            guard !due.isEmpty else { return }
            do {
                let signing = try Signing(endpoint, sealingKey, at: now)
                if let wait = await send(due, to: endpoint, signing, app) {
                    return hold(id, milliseconds: wait, app)
                }
            } catch {
                app.log.error("a webhook's secret cannot be read", metadata: ["endpoint": "\(endpoint.publicID)"])
                return hold(id, milliseconds: 60_000, app)
            }
        }
    }

    /// - Returns: milliseconds for which the endpoint is left alone; nil when all went out and it may go on.
    private func send(
        _ due: [WebhookDeliveries.Due],
        to endpoint: WebhookEndpoints.Endpoint,
        _ signing: Signing,
        _ app: App
    ) async -> Int64? {
        var waiting = due[...]
        var wait: Int64?
        await withTaskGroup(of: Int64?.self) { group in
            let sendNext = { (group: inout TaskGroup<Int64?>) in
                guard wait == nil, !self.isStopped, !self.isChanged(endpoint.id), let next = waiting.popFirst() else {
                    return
                }
                group.addTask { await self.attempt(next, endpoint, signing, app) }
            }
            for _ in 0..<(endpoint.failingSince == nil ? Self.width : 1) { sendNext(&group) }
            for await held in group {
                if let held { wait = max(wait ?? 0, held) }
                sendNext(&group)
            }
        }
        return wait
    }

    /// - Returns: milliseconds for which the endpoint is left alone, where this was not sent or it failed.
    private func attempt(
        _ due: WebhookDeliveries.Due,
        _ endpoint: WebhookEndpoints.Endpoint,
        _ signing: Signing,
        _ app: App
    ) async -> Int64? {
        let began = app.uptime()
        let attempt: WebhookAttempt
        let body = Array(due.body.utf8)
        let headers = signing.headers(id: due.messageID, body: body, at: app.now())
        let requestHeaders = headers.map { "\($0): \($1)" }.joined(separator: "\n")
        do {
            let request = OutboundRequest(
                .post,
                endpoint.url,
                headers: headers,
                body: body,
                timeout: .seconds(app.settings.webhookTimeout)
            )
            let response = try await send(request, "webhook:\(endpoint.id)")
            attempt = WebhookAttempt(
                deliveryID: due.id,
                endpointID: endpoint.id,
                requestHeaders: requestHeaders,
                attempts: due.attempts + 1,
                statusCode: response.status,
                answer: Array(response.body.prefix(WebhookAttempt.answerKept)),
                error: (200...299).contains(response.status) ? nil : "It answered \(response.status)",
                retryAfter: response.retryAfter.map(Int64.init),
                milliseconds: (app.uptime() - began) / 1000
            )
        } catch OutboundError.circuitOpen(let seconds) {
            // Not an attempt: nothing was sent, and nothing is worn out.
            return Int64(max(1, min(60, seconds))) * 1000
        } catch OutboundError.overloaded, OutboundError.closed {
            return 500
        } catch {
            attempt = WebhookAttempt(
                deliveryID: due.id,
                endpointID: endpoint.id,
                requestHeaders: requestHeaders,
                attempts: due.attempts + 1,
                statusCode: 0,
                error: WebhookAttempt.sentence(for: error),
                milliseconds: (app.uptime() - began) / 1000
            )
        }
        return await write(attempt, app)
    }

    private func write(_ attempt: WebhookAttempt, _ app: App) async -> Int64? {
        let (now, publicURL) = (app.now(), app.settings.publicURL)
        let chance = (try? app.random(1))?.first ?? 0
        do {
            try await app.store.write { db in
                try attempt.record(chance: chance, publicURL: publicURL, at: now, db)
            }
            if attempt.isDelivered { return nil }
            // There may be a mail about it.
            app.outbox.wake()
            return 0
        } catch {
            app.log.warning("a webhook's attempt cannot be written down", metadata: ["error": "\(error)"])
            return 1000
        }
    }
}

/// An endpoint's secrets in force, and what they put on a delivery.
private struct Signing {
    private let secrets: [WebhookSecret]

    init(_ endpoint: WebhookEndpoints.Endpoint, _ key: SealingKey, at now: Timestamp) throws {
        var secrets = [try WebhookSecret(sealed: endpoint.secret, for: endpoint.publicID, under: key)]
        if let previous = endpoint.previousSecret, let until = endpoint.previousUntil, until > now {
            secrets.append(try WebhookSecret(sealed: previous, for: endpoint.publicID, under: key))
        }
        self.secrets = secrets
    }

    func headers(id: String, body: [UInt8], at now: Timestamp) -> [(String, String)] {
        let signatures = secrets.map { $0.signature(id: id, seconds: now.seconds, body: body) }
        return [
            ("Content-Type", "application/json"),
            ("User-Agent", "Purser/\(Purser.version)"),
            ("webhook-id", id),
            ("webhook-timestamp", "\(now.seconds)"),
            ("webhook-signature", signatures.joined(separator: " ")),
            ("X-Webhook-Signature", secrets.first?.plainSignature(of: body) ?? ""),
        ]
    }
}
