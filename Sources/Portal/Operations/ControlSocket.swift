import CLinux
import FoundationEssentials
import Glibc
import Web

/// Where shell commands reach the running Purser: `STATE/control.sock`, mode 0600.
///
/// One line of JSON each way: `{"method","path","body"}` in, `{"status","body"}` out. The request then takes the same
/// way as any other; only rows for ``Access/shell`` answer it.
final class ControlSocket: Sendable {
    static let requestLimit = 1 << 20
    /// Seconds that a client may keep its thread waiting, for the request and before it takes more of the answer.
    static let patience = 5

    private let socket: Int32
    private let path: String
    private let serve: Serve

    static func path(in state: String) -> String { "\(state)/control.sock" }

    init(_ serve: Serve, state: String) throws {
        (self.serve, path) = (serve, Self.path(in: state))
        unlink(path)
        socket = try UnixSocket.listen(on: path)
    }

    /// Accepts on a thread of its own, and gives each command one: there are few, and none is urgent. Reading from a
    /// client that says nothing would otherwise hold one of the threads that all of Swift's tasks share.
    func start() {
        OwnThread.start(named: "purser-control") { [self] in
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    return
                }
                OwnThread.start(named: "purser-command") { [self] in
                    answer(connection)
                    close(connection)
                }
            }
        }
    }

    func stop() {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
        unlink(path)
    }

    private func answer(_ connection: Int32) {
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var time = timeval(tv_sec: Self.patience, tv_usec: 0)
            setsockopt(connection, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
        // The mode keeps others out; the kernel's word on who is there does so even if the mode was changed.
        var peer = purser_peer()
        guard purser_peer_of(connection, &peer) == 0, peer.uid == geteuid() || peer.uid == 0,
            let line = UnixSocket.readLine(connection, limit: Self.requestLimit),
            let call = try? JSONParser.parse(line)
        else { return }
        let request = ShellRequest(call)
        let response = Blocking.wait { [serve] in await serve.answer(request) }
        var out = Array("{\"status\":\(response.status),\"body\":".utf8)
        if case .bytes(let bytes) = response.body { out += bytes.isEmpty ? Array("null".utf8) : bytes }
        UnixSocket.write(connection, out + Array("}\n".utf8))
    }
}

/// A shell command's request in the clothes of any other.
struct ShellRequest: IncomingRequest {
    private let method: String
    private let target: String
    private let body: [UInt8]

    var isShell: Bool { true }

    init(_ call: JSONValue) {
        method = call["method"]?.string ?? ""
        target = call["path"]?.string ?? ""
        body = call["body"].map { (try? JSONEncoding.bytes(of: $0)) ?? [] } ?? []
    }

    func parameter(_ name: StaticString) -> String? {
        switch name.description {
        case "REQUEST_METHOD": method
        case "REQUEST_URI": target
        case "CONTENT_TYPE": body.isEmpty ? nil : "application/json"
        case "REMOTE_ADDR": "local"
        default: nil
        }
    }

    func withParameter<R>(_ name: StaticString, _ body: (UnsafeBufferPointer<UInt8>?) throws -> R) rethrows -> R {
        guard var text = parameter(name) else { return try body(nil) }
        return try text.withUTF8 { try body($0) }
    }

    func readBody(limit: Int) throws -> [UInt8] { body }
}
