import Web

/// `GET /openapi.json`: the route table as OpenAPI 3.1.
struct ShowOpenAPI: Endpoint {
    struct Answer: Output {
        static var status: Int { 200 }
        static var contentType: String { "application/json" }
        static var schema: Schema { .any }

        func response() throws -> Response {
            Response(body: .bytes(ShowOpenAPI.document))
        }
    }

    static let document: [UInt8] = {
        let operations = routes.filter { $0.access != .shell }.map(\.operation)
        let document = OpenAPI.document(
            title: "Purser",
            version: Purser.version,
            server: "/",
            operations,
            WebhookEvents.all
        )
        return (try? JSONEncoding.bytes(of: document, capacity: 1 << 16)) ?? []
    }()

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        Answer()
    }
}
