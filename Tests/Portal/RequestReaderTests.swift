import Testing
import Web

@testable import Portal

@Suite("The request reader")
struct RequestReaderTests {
    private func fields(_ request: PlainRequest) throws -> JSONValue {
        guard case .route(let route, let target, let parameters) = try RouteTable(routes).find(request) else {
            throw Missing()
        }
        let content = try RequestReader(route: route, target: target, parameters: parameters).read(request)
        guard case .fields(let fields) = content else { throw Missing() }
        return fields
    }

    private func status(_ request: PlainRequest) -> Int? {
        (#expect(throws: Failure.self) { try fields(request) })?.status
    }

    private func post(_ body: String, type: String?) -> PlainRequest {
        PlainRequest("POST", "/auth/login", type.map { ["CONTENT_TYPE": $0] } ?? [:], body: body)
    }

    @Test(
        "takes JSON under its own type, in UTF-8",
        arguments: [
            "application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8",
            "application/json ; charset=\"utf-8\"",
            "application/json; charset=utf-8 ; v=1",
        ]
    )
    func types(type: String) throws {
        #expect(try fields(post(#"{"a":1}"#, type: type)) == .object([.init("a", .integer(1))]))
    }

    @Test(
        "refuses other types",
        arguments: [
            "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp",
            "application/json; charset=utf-16",
            "application/json; charset=latin1", "json", ";application/json", "application/problem+json",
        ]
    )
    func otherTypes(type: String) {
        #expect(status(post(#"{"a":1}"#, type: type)) == 415)
    }

    @Test("asks for a type where there is a body, and for none where there is none")
    func empty() throws {
        #expect(status(post("{}", type: nil)) == 415)
        #expect(try fields(post("", type: nil)) == .object([]))
        #expect(try fields(post("", type: "application/json")) == .object([]))
    }

    @Test("refuses JSON that is not an object", arguments: ["[]", "1", "null", "\"a\"", "{", "{}{}"])
    func notAnObject(body: String) {
        #expect(status(post(body, type: "application/json")) == 400)
    }

    @Test("takes path and query of a GET, and no name twice")
    func query() throws {
        #expect(
            try fields(PlainRequest("GET", "/billing/usage/7?a=b"))
                == .object([.init("user_id", .text("7")), .init("a", .text("b"))])
        )
        #expect(try fields(PlainRequest("GET", "/auth/user")) == .object([]))
        #expect(status(PlainRequest("GET", "/auth/user?a=1&a=2")) == 400)
        #expect(status(PlainRequest("GET", "/auth/user?a=%")) == 400)
    }

    @Test("lets nobody put another value beside a parameter of the path")
    func pathWins() throws {
        let fields = try fields(PlainRequest("GET", "/billing/usage/7?user_id=8"))
        #expect(fields["user_id"] == .text("7"))
    }
}
