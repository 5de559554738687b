/// An answer as it comes in, piece by piece, from libcurl's callbacks.
final class Answer {
    static let headerLimit = 64 << 10

    private let bodyLimit: Int
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    private(set) var isTooLarge = false
    /// Whether the status and all headers are there, and then as much of the body as the limit lets in.
    private(set) var hasBody = false
    private var headerBytes = 0
    private var headersEnded = false

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// False stops the transfer.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        hasBody = true
        guard bytes.count <= bodyLimit - body.count else {
            isTooLarge = true
            body.append(contentsOf: bytes.prefix(bodyLimit - body.count))
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// One line, its end included: the status line, a header, the blank line or a trailer. False stops the transfer.
    func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            isTooLarge = true
            return false
        }
        let line = Self.trimmed(bytes[...])
        if line.starts(with: "HTTP/".utf8) {
            // After a 1xx comes the true answer.
            headers = []
            headersEnded = false
        } else if line.isEmpty {
            headersEnded = true
        } else if !headersEnded, let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: line[..<colon], as: UTF8.self)
            let value = String(decoding: Self.trimmed(line[(colon + 1)...]), as: UTF8.self)
            headers.append((name, value))
        }
        return true
    }

    private static func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
        var bytes = bytes
        while let first = bytes.first, first <= 32 { bytes.removeFirst() }
        while let last = bytes.last, last <= 32 { bytes.removeLast() }
        return bytes
    }
}
