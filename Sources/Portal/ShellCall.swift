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

        /// The strings of a list.
        public func texts(_ name: String) -> [String] {
            guard case .array(let items)? = (try? JSONParser.parse(Array(body.utf8)))?[name] else { return [] }
            return items.compactMap(\.string)
        }
    }

    private let request: JSONValue

    /// - Parameter fields: the body; whole numbers travel as such.
    public init(_ method: String, _ path: String, fields: [(String, String)] = [], numbers: [(String, Int64)] = []) {
        let members =
            fields.map { JSONValue.Member($0.0, .string($0.1)) }
            + numbers.map { JSONValue.Member($0.0, .integer($0.1)) }
        let body: [JSONValue.Member] = method == "GET" ? [] : [.init("body", .object(members))]
        request = .object([.init("method", .string(method)), .init("path", .string(path))] + body)
    }

    /// Lines of text, such as keys read from standard input.
    public init(_ method: String, _ path: String, lines: (String, [String]), fields: [(String, String)]) {
        let members =
            [JSONValue.Member(lines.0, .array(lines.1.map { .string($0) }))]
            + fields.map { JSONValue.Member($0.0, .string($0.1)) }
        request = .object([
            .init("method", .string(method)), .init("path", .string(path)), .init("body", .object(members)),
        ])
    }

    /// An amount of money travels as a number with its decimals.
    public init(_ method: String, _ path: String, email: String, amount: String) {
        let body = JSONValue.object([.init("email", .string(email)), .init("amount", .text(amount))])
        request = .object([.init("method", .string(method)), .init("path", .string(path)), .init("body", body)])
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
