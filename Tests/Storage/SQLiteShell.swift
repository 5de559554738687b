import Glibc

@testable import Storage

/// The `sqlite3` command of the system: another process at the same database.
final class SQLiteShell {
    private let pid: pid_t
    private let input: Int32
    private let output: Int32
    private var buffer: [UInt8] = []

    init(_ path: String) throws {
        var toShell: [Int32] = [0, 0]
        var fromShell: [Int32] = [0, 0]
        guard pipe(&toShell) == 0, pipe(&fromShell) == 0 else { throw StoreError.system(call: "pipe", errno: errno) }
        for end in toShell + fromShell { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toShell[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromShell[1], 1)
        var arguments = ["sqlite3", "-batch", path].map { text in text.withCString { strdup($0) } } + [nil]
        defer { for argument in arguments { free(argument) } }
        var started = pid_t()
        let code = posix_spawnp(&started, "sqlite3", &actions, nil, &arguments, environ)
        guard code == 0 else { throw StoreError.system(call: "sqlite3", errno: code) }
        close(toShell[0])
        close(fromShell[1])
        (pid, input, output) = (started, toShell[1], fromShell[0])
    }

    /// Runs SQL and returns what it printed, once it is through.
    func run(_ sql: String) -> String {
        let line = Array("\(sql)\n.print --done--\n".utf8)
        _ = write(input, line, line.count)
        while true {
            let text = String(decoding: buffer, as: UTF8.self)
            if let end = text.range(of: "--done--\n") {
                buffer = []
                return String(text[..<end])
            }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = read(output, &bytes, bytes.count)
            if count <= 0 { return text }
            buffer += bytes[..<count]
        }
    }

    deinit {
        close(input)
        close(output)
        waitpid(pid, nil, 0)
    }
}

extension String {
    /// Where `mark` begins.
    fileprivate func range(of mark: String) -> Index? {
        guard hasSuffix(mark) else { return nil }
        return index(endIndex, offsetBy: -mark.count)
    }
}
