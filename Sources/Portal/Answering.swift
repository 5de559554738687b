import FastCGI
import Web

extension Response {
    /// Writes the answer as CGI output (RFC 3875, section 6): head, blank line, body.
    func write(to exchange: Exchange) async {
        do {
            switch body {
            case .bytes(let bytes):
                var out = head(length: bytes.count)
                out.append(contentsOf: bytes)
                try exchange.write(out)
            case .stream(let produce):
                try exchange.write(head(length: nil))
                try await produce { try exchange.write($0) }
            }
        } catch {
            // The client has gone, or the stream broke: there is nobody left to tell. What was promised is durable.
        }
    }

    private func head(length: Int?) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512 + (length ?? 0))
        JSONEncoding.write("Status: ", into: &out)
        JSONEncoding.write(integer: status, into: &out)
        out.append(UInt8(ascii: " "))
        JSONEncoding.write(Reason.phrase(status), into: &out)
        if length != 0 {
            let charset = contentType.hasPrefix("text/") ? "; charset=utf-8" : ""
            Self.line("Content-Type", contentType + charset, &out)
        }
        if let length {
            JSONEncoding.write("\r\nContent-Length: ", into: &out)
            JSONEncoding.write(integer: length, into: &out)
        }
        JSONEncoding.write("\r\nCache-Control: no-store", into: &out)
        for header in headers { Self.line(header.name, header.value, &out) }
        JSONEncoding.write("\r\n\r\n", into: &out)
        return out
    }

    /// A value with a line break would begin a header of its own, so such a header is left out.
    private static func line(_ name: String, _ value: String, _ out: inout [UInt8]) {
        let start = out.count
        JSONEncoding.write("\r\n", into: &out)
        out.append(contentsOf: name.utf8)
        JSONEncoding.write(": ", into: &out)
        out.append(contentsOf: value.utf8)
        let isClean = out[(start + 2)...].allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        if !isClean { out.removeSubrange(start...) }
    }
}
