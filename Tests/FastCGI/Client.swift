import CLinux
import Glibc

@testable import FastCGI

/// A FastCGI client that speaks as nginx does, or as badly as a test wants.
final class Client {
    struct Answer: Equatable {
        var output: [UInt8] = []
        var applicationStatus: UInt32 = 0
        var text: String { String(decoding: output, as: UTF8.self) }
    }

    struct Gone: Error {}

    let descriptor: Int32
    /// Whether the connection ended inside an answer.
    private(set) var receivedPart = false
    private let address: UnixAddress

    /// Connects; nothing waits longer than `seconds`.
    convenience init(_ path: String, seconds: Int = 20) throws {
        try self.init(connectingLaterTo: path, seconds: seconds)
        guard connect() else { throw SystemError("connect") }
    }

    init(connectingLaterTo path: String, seconds: Int = 20) throws {
        guard let address = UnixAddress(path) else { throw Gone() }
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            var time = timeval(tv_sec: seconds, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    deinit {
        close(descriptor)
    }

    func connect() -> Bool { address.connect(descriptor) == 0 }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Gone() }
            sent += count
        }
    }

    /// Up to `count` bytes; none when the peer has closed. Throws when nothing comes.
    func receive(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &bytes, count, 0)
        if received < 0 && errno == ECONNRESET { return [] }
        guard received >= 0 else { throw SystemError("recv") }
        return Array(bytes[..<received])
    }

    func receiveAll(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try receive(count - bytes.count)
            guard !more.isEmpty else { throw Gone() }
            bytes += more
        }
        return bytes
    }

    /// Reads one answer, to its END_REQUEST record.
    func answer() throws -> Answer {
        var answer = Answer()
        while true {
            let header = try receiveAll(8)
            receivedPart = true
            let length = Int(header[4]) << 8 | Int(header[5])
            let content = try receiveAll(length + Int(header[6])).prefix(length)
            switch header[1] {
            case 6: answer.output += content
            case 3:
                answer.applicationStatus = content.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
                receivedPart = false
                return answer
            default: break
            }
        }
    }

    func ask(
        _ parameters: [(String, String)] = [],
        body: [UInt8] = [],
        keepingOpen: Bool = true
    ) throws -> Answer {
        try send(Record.request(parameters, body: body, keepingOpen: keepingOpen))
        return try answer()
    }
}

/// The records of the FastCGI specification, as bytes.
enum Record {
    static func record(_ type: UInt8, _ content: [UInt8], id: UInt16 = 1, version: UInt8 = 1) -> [UInt8] {
        [version, type, UInt8(id >> 8), UInt8(id & 0xff), UInt8(content.count >> 8), UInt8(content.count & 0xff), 0, 0]
            + content
    }

    static func begin(id: UInt16 = 1, role: UInt8 = 1, keepingOpen: Bool = true) -> [UInt8] {
        record(1, [0, role, keepingOpen ? 1 : 0, 0, 0, 0, 0, 0], id: id)
    }

    static func pairs(_ parameters: [(String, String)]) -> [UInt8] {
        func length(_ count: Int) -> [UInt8] {
            count < 128 ? [UInt8(count)] : withUnsafeBytes(of: UInt32(count).bigEndian) { [$0[0] | 0x80] + $0[1...] }
        }
        return parameters.flatMap { name, value in
            length(name.utf8.count) + length(value.utf8.count) + Array(name.utf8) + Array(value.utf8)
        }
    }

    /// Everything up to the body.
    static func opening(_ parameters: [(String, String)], keepingOpen: Bool = true) -> [UInt8] {
        begin(keepingOpen: keepingOpen) + record(4, pairs(parameters)) + record(4, [])
    }

    static func body(_ bytes: [UInt8]) -> [UInt8] {
        var records: [UInt8] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            records += record(5, Array(rest.prefix(32_768)))
            rest = rest.dropFirst(32_768)
        }
        return records + record(5, [])
    }

    /// A whole request; CONTENT_LENGTH is the body's.
    static func request(_ parameters: [(String, String)], body: [UInt8] = [], keepingOpen: Bool = true) -> [UInt8] {
        opening([("CONTENT_LENGTH", "\(body.count)")] + parameters, keepingOpen: keepingOpen) + Self.body(body)
    }
}
