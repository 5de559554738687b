import Web

/// The route table with the trie that follows from it.
struct RouteTable: Sendable {
    enum Found {
        case route(Route, RequestTarget, parameters: [JSONValue.Member])
        case preflight(Response)
    }

    let routes: [Route]
    private let trie: RouteTrie<Route>

    /// - Throws: ``RouteTrie/Conflict`` on a duplicate or shadowed path: a mistake of ours, found at start.
    init(_ routes: [Route]) throws {
        var trie = RouteTrie<Route>()
        for route in routes {
            try trie.insert(route.method, route.path, route)
        }
        (self.routes, self.trie) = (routes, trie)
    }

    /// - Throws: ``Failure`` 400, 404 or 405.
    func find(_ request: some IncomingRequest) throws -> Found {
        let method = request.parameter("REQUEST_METHOD") ?? ""
        let target = try request.withParameter("REQUEST_URI") { bytes in
            guard let bytes else { throw Failure.badRequest("The request path is not valid", code: "invalid_path") }
            return try RequestTarget(bytes)
        }
        switch trie.match(method, target) {
        case .notFound: throw Failure.notFound()
        case .found(let route, let parameters):
            // The shell's routes do not exist for the network, and it has no others.
            guard (route.access == .shell) == request.isShell else { throw Failure.notFound() }
            return .route(route, target, parameters: parameters)
        case .otherMethods(let others):
            let open = others.values.filter { $0.access != .shell }.sorted { $0.method.rawValue < $1.method.rawValue }
            guard !open.isEmpty else { throw Failure.notFound() }
            let allow = Header("Allow", (open.map(\.method.rawValue) + ["OPTIONS"]).joined(separator: ", "))
            if method == "OPTIONS" { return .preflight(preflight(open, allow)) }
            let failure = Failure(405, "method_not_allowed", "Method not allowed").adding(allow)
            let isShared = open.contains { $0.access.isShared }
            throw isShared ? failure.adding(Header("Access-Control-Allow-Origin", "*")) : failure
        }
    }

    /// Browsers ask before they send a key from another origin (Fetch standard, section 3.2.2). Routes that take a
    /// cookie are for our own pages only, so they never say yes.
    private func preflight(_ routes: [Route], _ allow: Header) -> Response {
        let shared = routes.filter { $0.access.isShared }
        guard !shared.isEmpty else { return Response(status: 204, headers: [allow]) }
        let methods = shared.map(\.method.rawValue).joined(separator: ", ")
        return Response(
            status: 204,
            headers: [
                allow,
                Header("Access-Control-Allow-Origin", "*"),
                Header("Access-Control-Allow-Methods", methods),
                Header("Access-Control-Allow-Headers", "Authorization, Content-Type, X-API-Key, Idempotency-Key"),
                Header("Access-Control-Max-Age", "7200"),
            ]
        )
    }
}
