import FastCGI
import Storage
import Web

/// A request as it came in, by its CGI variables (RFC 3875, section 4.1). nginx's and the control socket's look alike.
protocol IncomingRequest {
    func parameter(_ name: StaticString) -> String?
    func withParameter<R>(_ name: StaticString, _ body: (UnsafeBufferPointer<UInt8>?) throws -> R) rethrows -> R
    func readBody(limit: Int) throws -> [UInt8]
    /// Whether the peer is a shell command on this machine.
    var isShell: Bool { get }
}

extension Exchange: IncomingRequest {
    var isShell: Bool { false }
}

/// The way of every request: route → limit → authenticate → decode → handle → encode → record.
struct Serve: Sendable {
    let app: App
    let table: RouteTable

    /// Never throws: whatever happens becomes an answer.
    func answer(_ request: some IncomingRequest) async -> Response {
        let requestID = request.parameter("REQUEST_ID") ?? newRequestID()
        var response: Response
        var route: Route?
        do {
            switch try table.find(request) {
            case .preflight(let answer):
                response = answer
            case .route(let found, let target, let parameters):
                route = found
                response = try await answer(request, on: found, target, parameters, requestID)
            }
        } catch {
            response = failure(for: error, requestID, route).response(requestID: requestID)
        }
        if let route, route.access.isShared {
            response.headers.append(Header("Access-Control-Allow-Origin", "*"))
        }
        response.headers.append(Header("X-Request-Id", requestID))
        return response
    }

    private func answer(
        _ request: some IncomingRequest,
        on route: Route,
        _ target: RequestTarget,
        _ parameters: [JSONValue.Member],
        _ requestID: String
    ) async throws -> Response {
        let begin = app.uptime()
        var caller = Presented.caller(request, route, requestID)
        let content = RequestReader(route: route, target: target, parameters: parameters)
        // A key in the body tells callers apart, so it is read first. A body that cannot be read counts by address.
        let early = Result { try content.readEarly(request, &caller) }
        // Limit, before anything costs something.
        let headers = try admit(&caller, request, to: route, since: begin)
        var response: Response
        do {
            let early = try early.get()
            // Authenticate.
            try await Authentication.admit(&caller, to: route, early, request, app)
            let decoded = try early ?? content.read(request)
            caller.idempotency = try IdempotencyClaim(request, route, caller, decoded)
            if let stored = try storedAnswer(caller) {
                response = stored
            } else if caller.kind == .development, let mock = route.mock {
                response = try mock(decoded, caller, app.now())
            } else {
                response = try await route.run(decoded, caller, app)
            }
        } catch {
            response =
                (error as? Replay)?.response
                ?? route.refuse(failure(for: error, requestID, route)).response(requestID: requestID)
        }
        response.headers += headers
        record(caller, request, route, response.status, since: begin)
        return response
    }

    /// The answer to an earlier request with the same `Idempotency-Key`, found before the endpoint asks anything of
    /// others on its behalf.
    /// - Throws: ``Failure`` 422 when that was another request.
    private func storedAnswer(_ caller: Caller) throws -> Response? {
        guard let claim = caller.idempotency else { return nil }
        return try app.store.read { db in try IdempotencyKeys.find(claim, db) }?.response(to: claim)
    }

    /// Takes one request of the caller's quota; a call past it is counted for the account whose key it brought.
    private func admit(
        _ caller: inout Caller,
        _ request: some IncomingRequest,
        to route: Route,
        since begin: Int64
    ) throws -> [Header] {
        do {
            return try app.limits.admit(caller, to: route, at: app.uptime())
        } catch let refusal as Failure {
            Authentication.recognise(&caller, app)
            record(caller, request, route, refusal.status, since: begin)
            throw refusal
        }
    }

    /// Counts the call for the account's own analytics, refused ones too, and notes it where an app made it.
    /// - Parameter begin: when it came, in microseconds of ``App/uptime``.
    private func record(
        _ caller: Caller,
        _ request: some IncomingRequest,
        _ route: Route,
        _ status: Int,
        since begin: Int64
    ) {
        guard route.category != .none, let accountID = caller.holder?.accountID ?? caller.refused?.accountID else {
            return
        }
        let now = app.now()
        if case .key(let holder, let grant) = caller.kind, !route.access.takesCall {
            // A call that cannot be counted is answered all the same: the store's trouble is logged where it is served.
            try? app.calls.count(grant, accountID: holder.accountID, at: now, in: app.store)
        }
        let keyID = caller.keyID ?? caller.refused?.keyID ?? 0
        app.requests.add(
            accountID: accountID,
            keyID: keyID,
            route: route,
            status: status,
            micros: app.uptime() - begin,
            at: now.day
        )
        guard let appID = caller.appID else { return }
        let call = AppRequests.Call(
            accountID: accountID,
            appID: appID,
            endpoint: route.operationName,
            status: status,
            address: caller.address,
            userAgent: Presented.userAgent(request),
            requestedAt: now
        )
        app.appRequests.add(call, requestID: caller.requestID)
    }

    /// What the caller is told about an error. Only a ``Failure`` was written to be read by strangers.
    private func failure(for error: any Error, _ requestID: String, _ route: Route?) -> Failure {
        switch error {
        case let failure as Failure: return failure
        case let body as BodyError:
            guard case .tooLarge(let limit) = body else { return .badRequest("The body ended too early") }
            return Failure(413, "body_too_large", "The body is larger than \(limit) bytes")
        case let store as StoreError where store.isTemporary:
            app.log.warning("the store cannot answer", metadata: ["error": "\(store)", "request": "\(requestID)"])
            return .unavailable("The service is busy, please try again", code: "store_unavailable")
        default:
            app.log.error(
                "a request failed",
                metadata: ["error": "\(error)", "request": "\(requestID)", "route": "\(route?.path ?? "none")"]
            )
            return Failure(500, "internal", "Something went wrong on our side")
        }
    }

    private func newRequestID() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(generator.next(), radix: 16) + String(generator.next(), radix: 16)
    }
}

extension StoreError {
    /// Whether the store may well answer the same request a little later.
    var isTemporary: Bool {
        switch self {
        case .overloaded, .busy, .full, .readDeadline, .closed: true
        // Out of memory, a failing disk, a file that cannot be opened, a lock that was lost: SQLITE_NOMEM, _IOERR,
        // _CANTOPEN and _PROTOCOL. The other codes are mistakes of ours.
        case .sqlite(let code, _, _): [7, 10, 14, 15].contains(code)
        default: false
        }
    }
}
