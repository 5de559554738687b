import Glibc
import Web

/// A shell command's way in: over the control socket of the running Purser, or, with nobody running, by opening the
/// store itself. Either way the same route answers.
public struct ShellCall: Sendable {
    public struct Answer: Sendable {
        public let status: Int
        /// JSON text.
        public let body: String

        public var isSuccess: Bool { (200...299).contains(status) }

        /// The sentence of a refusal, or the whole body.
        public var message: String {
            (try? JSONParser.parse(Array(body.utf8)))?["detail"]?.string ?? body
        }

        /// One member of the answer as text; nil when there is none.
        public func text(_ name: String) -> String? {
            guard let value = (try? JSONParser.parse(Array(body.utf8)))?[name] else { return nil }
            return value.string ?? (try? String(decoding: JSONEncoding.bytes(of: value), as: UTF8.self))
        }

        /// A list of objects, a row each, of these members as text.
        public func rows(_ name: String, _ columns: [String]) -> [[String]] {
            guard case .array(let items)? = (try? JSONParser.parse(Array(body.utf8)))?[name] else { return [] }
            return items.map { item in columns.map { Self.text(item, at: $0) } }
        }

        /// The members of an object, as text.
        public func members(of name: String) -> [(name: String, text: String)] {
            guard case .object(let members)? = (try? JSONParser.parse(Array(body.utf8)))?[name] else { return [] }
            return members.map { ($0.name, Self.text($0.value)) }
        }

        /// The objects of a list, each as an answer of its own.
        public func items(_ name: String) -> [Answer] {
            guard case .array(let items)? = (try? JSONParser.parse(Array(body.utf8)))?[name] else { return [] }
            return items.compactMap { item in
                (try? JSONEncoding.bytes(of: item)).map {
                    Answer(status: status, body: String(decoding: $0, as: UTF8.self))
                }
            }
        }

        /// - Parameter column: a member's name, or the way to one as `revenue.total`.
        private static func text(_ item: JSONValue, at column: String) -> String {
            var found: JSONValue? = item
            for name in column.split(separator: ".") { found = found?[String(name)] }
            return found.map(text) ?? ""
        }

        private static func text(_ value: JSONValue) -> String {
            switch value {
            case .null: ""
            case .bool(let flag): flag ? "yes" : "no"
            default: value.string ?? (try? String(decoding: JSONEncoding.bytes(of: value), as: UTF8.self)) ?? ""
            }
        }

        /// The strings of a list.
        public func texts(_ name: String) -> [String] {
            guard case .array(let items)? = (try? JSONParser.parse(Array(body.utf8)))?[name] else { return [] }
            return items.compactMap(\.string)
        }
    }

    private let request: JSONValue

    /// - Parameters:
    ///   - fields: the body; nil leaves a member out.
    ///   - numbers: whole numbers, which travel as such.
    ///   - flags: those that are true.
    ///   - lists: of text, such as keys read from standard input.
    public init(
        _ method: String,
        _ path: String,
        fields: [(String, String?)] = [],
        numbers: [(String, Int64?)] = [],
        flags: [(String, Bool)] = [],
        lists: [(String, [String])] = []
    ) {
        let members =
            fields.compactMap { name, value in value.map { JSONValue.Member(name, .string($0)) } }
            + numbers.compactMap { name, value in value.map { JSONValue.Member(name, .integer($0)) } }
            + flags.compactMap { name, isSet in isSet ? JSONValue.Member(name, .bool(true)) : nil }
            + lists.map { name, items in JSONValue.Member(name, .array(items.map { .string($0) })) }
        let body: [JSONValue.Member] = method == "GET" ? [] : [.init("body", .object(members))]
        request = .object([.init("method", .string(method)), .init("path", .string(path))] + body)
    }

    /// A body that an operator wrote.
    /// - Parameters:
    ///   - json: an object, whose members become the body's; or any JSON, as the member of that `name`.
    ///   - fields: further members; nil leaves one out.
    /// - Throws: a sentence for whoever wrote it.
    public init(
        _ method: String,
        _ path: String,
        json: String,
        as name: String? = nil,
        fields: [(String, String?)] = []
    ) throws {
        let value: JSONValue
        do {
            value = try JSONParser.parse(Array(json.utf8))
        } catch {
            throw UnixSocket.Fault("that is not JSON")
        }
        var members = fields.compactMap { name, text in text.map { JSONValue.Member(name, .string($0)) } }
        if let name {
            members.append(.init(name, value))
        } else if case .object(let given) = value {
            members += given
        } else {
            throw UnixSocket.Fault("that is not a JSON object")
        }
        request = .object([
            .init("method", .string(method)), .init("path", .string(path)), .init("body", .object(members)),
        ])
    }

    public func send(_ sources: SettingSources) throws -> Answer {
        let settings = try Settings(try sources.values())
        if let socket = try UnixSocket.connect(to: ControlSocket.path(in: settings.state)) {
            defer { close(socket) }
            return try ask(socket)
        }
        let app = try Assembly.app(settings)
        defer { app.store.close() }
        let serve = Serve(app: app, table: try RouteTable(routes))
        let request = self.request
        let response = Blocking.wait { await serve.answer(ShellRequest(request)) }
        guard case .bytes(let bytes) = response.body else { return Answer(status: response.status, body: "") }
        return Answer(status: response.status, body: String(decoding: bytes, as: UTF8.self))
    }

    private func ask(_ socket: Int32) throws -> Answer {
        UnixSocket.write(socket, try JSONEncoding.bytes(of: request) + [0x0A])
        guard let line = UnixSocket.readLine(socket, limit: 64 << 20), let answer = try? JSONParser.parse(line),
            let status = answer["status"]?.integer, let body = answer["body"]
        else { throw UnixSocket.Fault("the running Purser gave no answer") }
        return Answer(status: Int(status), body: String(decoding: try JSONEncoding.bytes(of: body), as: UTF8.self))
    }
}

extension ShellCall.Answer {
    /// The sign-ins of `purser seed`, as a table for people.
    public var signInTable: String {
        guard case .array(let items)? = (try? JSONParser.parse(Array(body.utf8)))?["sign_ins"] else { return body }
        return items.map { item in
            let text = { (name: String) in item[name]?.string ?? "" }
            return "\(text("role")): \(text("name"))\n  mail      \(text("email"))\n  password  \(text("password"))\n"
                + "  API key   \(text("api_key"))"
        }.joined(separator: "\n")
    }
}
