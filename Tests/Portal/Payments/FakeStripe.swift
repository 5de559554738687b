import Outbound
import Synchronization
import Web

@testable import Portal

/// A provider that holds objects and answers for them; what a test does not arrange is a 404.
final class FakeStripe: Sendable {
    private struct State {
        /// By path, as `/v1/refunds/re_1`.
        var objects: [String: JSONValue] = [:]
        /// By path and query, as `/v1/refunds?charge=ch_1`.
        var lists: [String: [JSONValue]] = [:]
        var asked: [String] = []
        var trouble: (@Sendable (OutboundRequest) throws -> OutboundResponse?)?
    }

    private let state = Mutex(State())

    var client: StripeClient {
        StripeClient(base: "", key: "sk_test_fake") { request, _ in try self.answer(request) }
    }

    /// Methods and paths, in the order in which they were asked.
    var asked: [String] { state.withLock { $0.asked } }

    func put(_ path: String, _ object: String) {
        state.withLock { $0.objects[path] = Self.json(object) }
    }

    func put(list path: String, _ objects: String...) {
        state.withLock { $0.lists[path] = objects.map(Self.json) }
    }

    /// What goes wrong: an answer in place of the right one, an error, or nil to go on.
    func fail(_ trouble: (@Sendable (OutboundRequest) throws -> OutboundResponse?)?) {
        state.withLock { $0.trouble = trouble }
    }

    static func json(_ text: String) -> JSONValue { (try? JSONParser.parse(Array(text.utf8))) ?? .null }

    private func answer(_ request: OutboundRequest) throws -> OutboundResponse {
        let trouble = state.withLock { state in
            state.asked.append("\(request.method.rawValue) \(request.url)")
            return state.trouble
        }
        if let answer = try trouble?(request) { return answer }
        return state.withLock { state in
            let path = request.url.split(separator: "&")[0]
            if let list = state.lists[String(path)] {
                return Self.response(200, .object([.init("data", .array(list)), .init("has_more", .bool(false))]))
            }
            if let object = state.objects[request.url] { return Self.response(200, object) }
            let error = JSONValue.object([.init("code", .string("resource_missing"))])
            return Self.response(404, .object([.init("error", error)]))
        }
    }

    static func response(_ status: Int, _ body: JSONValue) -> OutboundResponse {
        OutboundResponse(status: status, headers: [], body: (try? JSONEncoding.bytes(of: body)) ?? [])
    }
}
