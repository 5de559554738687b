/// The guard in front of libfcgi: looks at the bytes a peer has sent before libfcgi may read them.
///
/// libfcgi 2.4.2 trusts its peer: a management record with repeated names overflows its stack, name and value
/// lengths that sum past 2³¹ abort the process, and it reads parameters without an end. So nothing reaches it
/// until the whole opening of a request (BEGIN_REQUEST, PARAMS, the empty PARAMS record) lies in the socket's
/// buffer and is well formed. Record layout and numbers: FastCGI specification 1.0, sections 3.3, 3.4, 5.1 and 8.
///
/// What is left: records that follow the opening, among the body's. nginx puts every byte of a client's body
/// into STDIN records, so only a process that may open the socket can send anything else there.
enum FirstRecord {
    enum Verdict {
        /// The whole opening is there, and libfcgi may read it without waiting.
        case complete
        /// A good beginning, but not all of it yet.
        case partial
        /// Not a request for a responder, or one past the limits: the connection is to be closed.
        case refused
    }

    /// The most bytes of names and values, lengths included. nginx fits them into one record: 65 535 at most.
    static let parametersLimit = 65_536
    /// The most bytes an opening may take, record headers and padding included.
    static let window = parametersLimit + 4096

    /// Judges what a connection holds so far. Reorders `bytes` where the parameters span several records.
    static func judge(_ bytes: UnsafeMutableRawBufferPointer) -> Verdict {
        guard opens(UnsafeRawBufferPointer(bytes)) else { return .refused }
        guard bytes.count >= 16 else { return .partial }
        let id = (bytes[2], bytes[3])
        var next = 16 + Int(bytes[6])
        var parameters = bytes[0..<0]
        while next + 8 <= bytes.count {
            guard bytes[next] == 1, bytes[next + 1] == 4, (bytes[next + 2], bytes[next + 3]) == id else {
                return .refused
            }
            let length = Int(bytes[next + 4]) << 8 | Int(bytes[next + 5])
            let content = next + 8
            if length == 0 { return pairsEndWell(UnsafeRawBufferPointer(rebasing: parameters)) ? .complete : .refused }
            guard parameters.count + length <= parametersLimit else { return .refused }
            next = content + length + Int(bytes[next + 6])
            guard next <= bytes.count else { return .partial }
            if parameters.isEmpty {
                parameters = bytes[content..<content + length]
            } else {
                bytes[parameters.endIndex..<parameters.endIndex + length].copyBytes(
                    from: bytes[content..<content + length]
                )
                parameters = bytes[parameters.startIndex..<parameters.endIndex + length]
            }
        }
        return .partial
    }

    /// Whether up to 16 bytes are, or may still become, a BEGIN_REQUEST record for a responder.
    private static func opens(_ bytes: UnsafeRawBufferPointer) -> Bool {
        func holds(_ index: Int, _ value: UInt8) -> Bool { index >= bytes.count || bytes[index] == value }
        let named = bytes.count < 4 || bytes[2] != 0 || bytes[3] != 0
        return named && holds(0, 1) && holds(1, 1) && holds(4, 0) && holds(5, 8) && holds(8, 0) && holds(9, 1)
    }

    /// Whether every name and value lies within the parameters, and the last ends where they end.
    /// Not without any: no CGI request is, and libfcgi loses count of the records after them.
    private static func pairsEndWell(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !bytes.isEmpty else { return false }
        var next = 0
        func length() -> Int? {
            guard next < bytes.count else { return nil }
            let first = Int(bytes[next])
            next += 1
            guard first >= 0x80 else { return first }
            guard next + 3 <= bytes.count else { return nil }
            defer { next += 3 }
            return (first & 0x7f) << 24 | Int(bytes[next]) << 16 | Int(bytes[next + 1]) << 8 | Int(bytes[next + 2])
        }
        while next < bytes.count {
            guard let name = length(), let value = length(), name + value <= bytes.count - next else { return false }
            next += name + value
        }
        return true
    }
}
