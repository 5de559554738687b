import Glibc

/// JSON that a command is given in a file or on standard input.
enum JSONText {
    /// Bytes; more are not read.
    private static let limit = 1 << 20

    /// - Parameter path: `-`: standard input.
    /// - Throws: ``CommandFault``.
    static func read(_ path: String) throws -> String {
        let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw CommandFault(message: "cannot read \(path): \(String(cString: strerror(errno)))") }
        defer { if file != STDIN_FILENO { close(file) } }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while text.count <= limit {
            let count = Glibc.read(file, &piece, piece.count)
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
