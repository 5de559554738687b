import Testing

@testable import Web

@Suite("The OpenAPI document")
struct OpenAPITests {
    static let input = Schema.object([
        .init("id", .integer(min: nil, max: nil), isRequired: false),
        .init("limit", .integer(min: 1, max: 9), isRequired: false),
        .init("name", String.schema, isRequired: true),
    ])

    private static func row(
        _ method: Web.Method,
        _ path: String,
        _ name: String = "ShowThing",
        _ security: Operation.Security = .key,
        input: Schema = input
    ) -> Operation {
        Operation(
            method: method,
            path: path,
            name: name,
            tag: "things",
            security: security,
            input: input,
            status: method == .post ? 201 : 200,
            contentType: "application/json",
            output: .object([.init("ok", .boolean, isRequired: true)])
        )
    }

    let document = OpenAPI.document(
        title: "Things",
        version: "1",
        server: "http://localhost",
        [
            row(.get, "/things/{id}"), row(.put, "/things/{id}", "ChangeThing"), row(.get, "/other/{id}"),
            row(.post, "/things", "CreateThing", .session), row(.post, "/open", "OpenDoor", .none, input: .object([])),
        ]
    )

    private func operation(_ path: String, _ method: String) throws -> JSONValue {
        try #require(document["paths"]?[path]?[method])
    }

    private func list(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let items)? = value { items } else { [] }
    }

    @Test("puts the methods of one path under it")
    func paths() throws {
        guard case .object(let paths)? = document["paths"] else {
            Issue.record("no paths")
            return
        }
        #expect(paths.map(\.name) == ["/things/{id}", "/other/{id}", "/things", "/open"])
        _ = try operation("/things/{id}", "get")
        _ = try operation("/things/{id}", "put")
        #expect(document["openapi"] == .string("3.1.0"))
    }

    @Test("gives each operation a name of its own and a summary in words")
    func identifiers() throws {
        #expect(try operation("/things/{id}", "get")["operationId"] == .string("getThingsId"))
        #expect(try operation("/other/{id}", "get")["operationId"] == .string("getOtherId"))
        #expect(try operation("/things/{id}", "put")["operationId"] == .string("putThingsId"))
        #expect(try operation("/things", "post")["summary"] == .string("Create thing"))
    }

    @Test("asks for parameters of the path always, for those of the query as the input says")
    func parameters() throws {
        let parameters = list(try operation("/things/{id}", "get")["parameters"])
        let facts = parameters.map { [$0["name"], $0["in"], $0["required"]] }
        #expect(
            facts == [
                [.string("id"), .string("path"), .bool(true)], [.string("limit"), .string("query"), .bool(false)],
                [.string("name"), .string("query"), .bool(true)],
            ]
        )
    }

    @Test("puts the rest of an input into the body, and asks for none without fields")
    func bodies() throws {
        let put = try operation("/things/{id}", "put")
        let schema = put["requestBody"]?["content"]?["application/json"]?["schema"]
        #expect(list(put["parameters"]).count == 1)
        #expect(schema?["properties"]?["id"] == nil)
        #expect(schema?["properties"]?["name"] != nil)
        #expect(schema?["required"] == .array([.string("name")]))
        #expect(try operation("/open", "post")["requestBody"] == nil)
    }

    @Test("says what is answered, and the problem that may be instead")
    func responses() throws {
        let responses = try operation("/things", "post")["responses"]
        #expect(responses?["201"]?["content"]?["application/json"]?["schema"]?["properties"]?["ok"] != nil)
        #expect(responses?["default"]?["content"]?["application/problem+json"] != nil)
        let problem = document["components"]?["schemas"]?["Problem"]?["required"]
        #expect(list(problem).contains(.string("request_id")))
    }

    @Test("names a security scheme that exists")
    func security() throws {
        #expect(list(try operation("/open", "post")["security"]).isEmpty)
        for (path, method) in [("/things", "post"), ("/things/{id}", "get")] {
            let requirements = list(try operation(path, method)["security"])
            #expect(!requirements.isEmpty)
            for requirement in requirements {
                guard case .object(let schemes) = requirement else { continue }
                for scheme in schemes {
                    #expect(document["components"]?["securitySchemes"]?[scheme.name] != nil)
                }
            }
        }
    }
}
