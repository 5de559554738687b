import Glibc

/// What poppler's tools, which know nothing of ours, read in a PDF.
struct Poppler {
    struct Failed: Error {
        let what: String
    }

    let pdf: [UInt8]

    /// Of each page, without the marks that poppler puts around text from right to left.
    func pages() throws -> [String] {
        let text = try run("pdftotext", ["-layout"], ["-"])
        let marks: Set<Unicode.Scalar> = ["\u{202a}", "\u{202b}", "\u{202c}", "\u{200e}", "\u{200f}"]
        let plain = String(String.UnicodeScalarView(text.unicodeScalars.filter { !marks.contains($0) }))
        return plain.split(separator: "\u{0c}").map(String.init)
    }

    func text() throws -> String {
        try pages().joined(separator: "\n")
    }

    /// By label: "Title", "Pages", …
    func facts() throws -> [String: String] {
        var facts: [String: String] = [:]
        for line in try run("pdfinfo", []).split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            facts[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        return facts
    }

    func links() throws -> [String] {
        try run("pdfinfo", ["-url"]).split(separator: "\n").dropFirst()
            .compactMap { $0.split(separator: " ").last.map(String.init) }
    }

    /// Of each font: its name, and whether the file holds it.
    func fonts() throws -> [(name: String, isEmbedded: Bool)] {
        try run("pdffonts", []).split(separator: "\n").dropFirst(2).map { line in
            // From the right, for the type is of one word or two: emb sub uni object generation.
            let words = line.split(separator: " ")
            return (String(words.first ?? ""), words.dropLast(4).last == "yes")
        }
    }

    /// Runs a tool on the file. A complaint on its standard error fails the test, too.
    private func run(_ tool: String, _ options: [String], _ more: [String] = []) throws -> String {
        var name = Array("/var/tmp/purser-documents-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { throw Failed(what: "mkstemp") }
        let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        var written = 0
        while written < pdf.count {
            let count = pdf[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failed(what: "write") }
            written += count
        }
        close(file)

        // Close-on-exec from the first moment, lest another test's child hold it open.
        var pipe: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pipe) == 0 else {
            throw Failed(what: "socketpair")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 1)
        posix_spawn_file_actions_adddup2(&actions, pipe[1], 2)
        let words = ([tool] + options + [path] + more).map { strdup($0) }
        defer { words.forEach { free($0) } }
        var pid = pid_t()
        let code = posix_spawnp(&pid, tool, &actions, nil, words + [nil], environ)
        close(pipe[1])
        defer { close(pipe[0]) }
        guard code == 0 else { throw Failed(what: "\(tool): \(code)") }
        var output: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(pipe[0], &bytes, bytes.count), count > 0 { output += bytes[..<count] }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        let text = String(decoding: output, as: UTF8.self)
        guard status == 0, !text.contains("Syntax Error"), !text.contains("Syntax Warning") else {
            throw Failed(what: "\(tool): \(text)")
        }
        return text
    }
}
