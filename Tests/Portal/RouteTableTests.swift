import Testing
import Web

@testable import Portal

@Suite("The route table")
struct RouteTableTests {
    let table: RouteTable

    init() throws {
        table = try RouteTable(routes)
    }

    private static func concrete(_ route: Route) -> String {
        route.path.replacing(/\{[a-z_]+\}/, with: "7")
    }

    private func find(_ method: String, _ target: String, isShell: Bool = false) throws -> RouteTable.Found {
        try table.find(PlainRequest(method, target, isShell: isShell))
    }

    private func preflight(_ path: String) throws -> [String: String] {
        guard case .preflight(let response) = try find("OPTIONS", path) else {
            Issue.record("\(path) has no preflight")
            return [:]
        }
        #expect(response.status == 204)
        return Dictionary(response.headers.map { ($0.name, $0.value) }) { $1 }
    }

    @Test("finds each of its rows by method and path", arguments: routes.indices)
    func findsItself(index: Int) throws {
        let route = routes[index]
        let found = try find(route.method.rawValue, Self.concrete(route) + "?x=1", isShell: route.access == .shell)
        guard case .route(let row, let target, let parameters) = found else {
            Issue.record("\(route.path) is a preflight")
            return
        }
        #expect(row === route)
        #expect(row.path == route.path)
        #expect(target.query == "x=1")
        #expect(parameters.count == route.path.count { $0 == "{" })
    }

    @Test("says of every row how large a body may be, and how often whoever is let in may come")
    func facts() {
        for route in routes {
            #expect((1...(1 << 20)).contains(route.bodyLimit), "\(route.path)")
            #expect(route.path == route.path.lowercased(), "\(route.path)")
            if route.access != .shell, route.path != "/health" { #expect(route.limit != .none, "\(route.path)") }
            // A gateway's question counts for the key that it is about.
            if route.access.takesKey, route.access != .operatorKey, route.name != "VerifyKey" {
                #expect(route.category != .none, "\(route.path)")
            }
            if case .signed = route.access { #expect(route.method == .post, "\(route.path)") }
            if case .bodyKey = route.access { #expect(route.method == .post, "\(route.path)") }
            #expect((route.access == .shell) == route.path.hasPrefix("/control/"), "\(route.path)")
            #expect(route.mock == nil || route.access.takesKey || route.access.takesCookie, "\(route.path)")
        }
    }

    @Test("knows what every row takes and answers")
    func schemas() {
        func holdsAnything(_ schema: Schema) -> Bool {
            switch schema {
            case .any: true
            case .array(let items, _): holdsAnything(items)
            case .map(let value), .nullable(let value): holdsAnything(value)
            case .object(let properties): properties.contains { holdsAnything($0.schema) }
            default: false
            }
        }
        // A batch's items are judged one by one; a signed body is bytes; a document describes itself; what an audit
        // entry tells beside its action depends on the action; a campaign's tiers come back as their client wrote them;
        // a conversion's metadata are whatever the app wants to keep with it.
        let free: Set = [
            "IngestEvents", "ReceiveStripeEvent", "ShowOpenAPI", "ListAudit", "ListAllAudit", "ListAuditByShell",
            "ListCampaigns", "ShowCampaign", "CreateCampaign", "ChangeCampaign", "RecordConversion", "ConvertReferral",
        ]
        for route in routes where !free.contains(route.name) {
            #expect(!holdsAnything(route.input), "\(route.path) takes anything")
            #expect(!holdsAnything(route.output), "\(route.path) answers anything")
        }
    }

    @Test(
        "answers a preflight for every path: with a key from anywhere, with a cookie never",
        arguments: routes.indices
    )
    func cors(index: Int) throws {
        let route = routes[index]
        let path = Self.concrete(route)
        guard route.access != .shell else {
            let failure = #expect(throws: Failure.self) { try find("OPTIONS", path) }
            #expect(failure?.status == 404)
            return
        }
        let headers = try preflight(path)
        let allowed = headers["Allow"]?.split(separator: ", ").map(String.init) ?? []
        #expect(allowed.contains(route.method.rawValue) && allowed.contains("OPTIONS"))
        if !route.access.isShared {
            #expect(headers.keys.allSatisfy { !$0.hasPrefix("Access-Control-") })
        } else {
            #expect(headers["Access-Control-Allow-Origin"] == "*")
            #expect(headers["Access-Control-Allow-Methods"]?.contains(route.method.rawValue) == true)
            #expect(
                headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, X-API-Key, Idempotency-Key"
            )
            #expect(headers["Access-Control-Allow-Credentials"] == nil)
        }
    }

    @Test("keeps a path for cookies and one for keys apart, or one would open the other to strangers")
    func noMixture() {
        for (path, rows) in Dictionary(grouping: routes, by: \.path) {
            #expect(Set(rows.map { $0.access.takesCookie }).count == 1, "\(path)")
            #expect(Set(rows.map { $0.access == .shell }).count == 1, "\(path)")
        }
    }

    @Test("takes HEAD for GET")
    func head() throws {
        guard case .route(let route, _, _) = try find("HEAD", "/health") else {
            Issue.record("no route")
            return
        }
        #expect(route.name == "ShowHealth")
        #expect(throws: Failure.self) { try find("HEAD", "/auth/login") }
    }

    @Test(
        "answers 405 with the methods there are",
        arguments: [
            ("DELETE", "/auth/user", "GET, OPTIONS"), ("GET", "/auth/login", "POST, OPTIONS"),
            ("", "/health", "GET, OPTIONS"),
        ]
    )
    func wrongMethod(method: String, path: String, allow: String) {
        let failure = #expect(throws: Failure.self) { try find(method, path) }
        #expect(failure?.status == 405)
        #expect(failure?.headers.contains(Header("Allow", allow)) == true)
    }

    @Test("hides the shell's routes from the network, and the network's from the shell, with every method")
    func shell() throws {
        for route in routes {
            for method in ["GET", "POST", "OPTIONS", "DELETE", "HEAD"] where route.access == .shell {
                let failure = #expect(throws: Failure.self) { try find(method, Self.concrete(route)) }
                #expect(failure?.status == 404)
            }
            guard route.access != .shell else { continue }
            let failure = #expect(throws: Failure.self) {
                try find(route.method.rawValue, Self.concrete(route), isShell: true)
            }
            #expect(failure?.status == 404)
        }
    }

    @Test("refuses a request without a target, and one that is not plain")
    func badTargets() {
        var request = PlainRequest("GET", "/health")
        request.parameters["REQUEST_URI"] = nil
        #expect(throws: Failure.self) { try table.find(request) }
        for target in ["", "*", "/../health", "/health%00", "//health", "http://x/health"] {
            let failure = #expect(throws: Failure.self) { try find("GET", target) }
            #expect(failure?.status == 400)
        }
    }

    @Test("refuses at start a row that stands twice")
    func conflicts() throws {
        let first = try #require(routes.first)
        #expect(throws: RouteTrie<Route>.Conflict.self) { try RouteTable(routes + [first]) }
    }

    @Test("describes itself: each operation by a name of its own, each parameter of a path required")
    func document() throws {
        let document = try JSONParser.parse(ShowOpenAPI.document)
        guard case .object(let paths)? = document["paths"] else {
            Issue.record("no paths")
            return
        }
        #expect(Set(paths.map(\.name)) == Set(routes.filter { $0.access != .shell }.map(\.path)))
        var names: [String] = []
        for path in paths {
            guard case .object(let operations) = path.value else { continue }
            for operation in operations {
                names.append(operation.value["operationId"]?.string ?? "")
                guard case .array(let parameters)? = operation.value["parameters"] else { continue }
                let inPath = parameters.filter { $0["in"] == .string("path") }
                #expect(inPath.count == path.name.count { $0 == "{" })
                #expect(inPath.allSatisfy { $0["required"] == .bool(true) })
                #expect(Set(parameters.map { $0["name"]?.string }).count == parameters.count)
            }
        }
        #expect(names.count == routes.filter { $0.access != .shell }.count)
        #expect(Set(names).count == names.count)
    }
}
