import CFastCGI
import Glibc

/// The peer has gone, or took nothing for `PoolSettings.sendTimeout`: no more of the answer can reach it.
public struct ConnectionLost: Error {}

/// Why there is no body to work on.
public enum BodyError: Error, Equatable {
    /// It is longer than the handler takes; it has been read to its end all the same.
    case tooLarge(limit: Int)
    /// The peer went away or fell silent, or the body is not as long as CONTENT_LENGTH says.
    case incomplete
    /// The handler has read it before.
    case alreadyRead
}

/// One request, on its connection. Valid until the handler returns: after that there are no parameters and no
/// body, and writing throws `ConnectionLost`. To be used by one task at a time.
public final class Exchange: @unchecked Sendable {
    private(set) var connection: Connection?
    private var bodyWasRead = false

    init(_ connection: Connection) {
        self.connection = connection
    }

    func end() {
        connection = nil
    }

    /// The value of a FastCGI parameter, such as `REQUEST_METHOD`. Nil if there is none, and also if it is not
    /// valid UTF-8: `withParameter` tells the two apart. The first counts if nginx sent it twice.
    public func parameter(_ name: StaticString) -> String? {
        withParameter(name) { $0.flatMap { String(validating: $0, as: UTF8.self) } }
    }

    /// Lends the bytes of a parameter's value, nil if there is none. They end at the first NUL.
    public func withParameter<R>(
        _ name: StaticString,
        _ body: (UnsafeBufferPointer<UInt8>?) throws -> R
    ) rethrows -> R {
        let value = name.withUTF8Buffer { name -> UnsafeMutablePointer<CChar>? in
            guard let connection, let start = name.baseAddress else { return nil }
            return FCGX_GetParam(start, connection.request.pointee.envp)
        }
        guard let value else { return try body(nil) }
        return try value.withMemoryRebound(to: UInt8.self, capacity: strlen(value)) {
            try body(UnsafeBufferPointer(start: $0, count: strlen(value)))
        }
    }

    /// Lends name and value of each parameter, in the order nginx sent them, after libfcgi's own `FCGI_ROLE`.
    public func forEachParameter(_ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Void) {
        guard let connection, var entry = connection.request.pointee.envp else { return }
        while let pair = entry.pointee {
            entry += 1
            let count = strlen(pair)
            guard let equals = memchr(pair, 0x3d, count) else { continue }
            pair.withMemoryRebound(to: UInt8.self, capacity: count) { start in
                let name = UnsafeRawPointer(equals) - UnsafeRawPointer(start)
                body(
                    UnsafeBufferPointer(start: start, count: name),
                    UnsafeBufferPointer(start: start + name + 1, count: count - name - 1)
                )
            }
        }
    }

    /// The whole body, of `limit` bytes at most. Reads it to its end in any case, then throws `BodyError`.
    /// Holds its thread meanwhile: nginx is to buffer bodies (`fastcgi_request_buffering on`).
    public func readBody(limit: Int) throws -> [UInt8] {
        guard let connection, let input = connection.request.pointee.in else { throw BodyError.incomplete }
        guard !bodyWasRead else { throw BodyError.alreadyRead }
        bodyWasRead = true
        let announced = withParameter("CONTENT_LENGTH") { $0.flatMap(decimal) }
        let most = min(announced ?? limit, limit, Int(Int32.max) - 1)
        // One byte more than wanted: falling short of it is how libfcgi tells that the body has ended.
        let body = [UInt8](unsafeUninitializedCapacity: most + 1) { room, count in
            guard (announced ?? 0) <= limit, let start = room.baseAddress else { return }
            count = start.withMemoryRebound(to: CChar.self, capacity: most + 1) {
                Int(FCGX_GetStr($0, Int32(most + 1), input))
            }
        }
        connection.drain()
        guard FCGX_GetError(input) == 0 else { throw BodyError.incomplete }
        guard body.count <= limit, (announced ?? 0) <= limit else { throw BodyError.tooLarge(limit: limit) }
        guard announced == nil || announced == body.count else { throw BodyError.incomplete }
        return body
    }

    /// Sends CGI output: the head ("Status: 200 OK\r\nContent-Type: …\r\n\r\n"), then the body, in as many calls
    /// as it takes. Small pieces are gathered (8 KiB); a full buffer goes out at once, holding the thread while
    /// the peer takes nothing. Throws `ConnectionLost`, if only when the buffer goes out.
    public func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes(write)
    }

    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let output = connection?.request.pointee.out else { throw ConnectionLost() }
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30)).assumingMemoryBound(to: CChar.self)
            guard FCGX_PutStr(piece.baseAddress, Int32(piece.count), output) == Int32(piece.count) else {
                throw ConnectionLost()
            }
            rest = rest.dropFirst(piece.count)
        }
        // After a failed flush libfcgi still takes what fits its buffer.
        guard FCGX_GetError(output) == 0 else { throw ConnectionLost() }
    }

    /// Sends what was gathered, so that it reaches the client before the answer is complete.
    public func flush() throws {
        guard let output = connection?.request.pointee.out else { throw ConnectionLost() }
        guard FCGX_FFlush(output) == 0, FCGX_GetError(output) == 0 else { throw ConnectionLost() }
    }
}

/// A number as CONTENT_LENGTH gives it (RFC 3875, section 4.1.2): digits only, else nil.
private func decimal(_ digits: UnsafeBufferPointer<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 18 else { return nil }
    return digits.reduce(0 as Int?) { number, digit in
        guard let number, (0x30...0x39).contains(digit) else { return nil }
        return number * 10 + Int(digit - 0x30)
    }
}
