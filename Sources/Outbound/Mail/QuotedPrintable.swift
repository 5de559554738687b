/// Text in ASCII lines of at most 76 columns (RFC 2045, section 6.7).
enum QuotedPrintable {
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// - Returns: the lines joined by CR LF, the last without one.
    static func encode(_ lines: [Substring]) -> [UInt8] {
        var out: [UInt8] = []
        for (index, line) in lines.enumerated() {
            if index > 0 { out += "\r\n".utf8 }
            encode(Array(line.utf8), into: &out)
        }
        return out
    }

    private static func encode(_ line: [UInt8], into out: inout [UInt8]) {
        var column = 0
        for (index, byte) in line.enumerated() {
            let isLast = index == line.count - 1
            // Servers strip blanks at a line's end.
            let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            let isLiteral = isBlank ? !isLast : (33...126).contains(byte) && byte != UInt8(ascii: "=")
            // Room for the mark that the line goes on.
            if column + (isLiteral ? 1 : 3) > (isLast ? 76 : 75) {
                out += "=\r\n".utf8
                column = 0
            }
            // A dot that begins a line means something to SMTP, and one server too many gets it wrong.
            if isLiteral, column > 0 || byte != UInt8(ascii: ".") {
                out.append(byte)
                column += 1
            } else {
                out += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                column += 3
            }
        }
    }
}
