import Glibc

/// A program from PATH with its standard input and output on one socket. One that reads its input to the end
/// ends with the tests.
final class Program: Sendable {
    struct Failed: Error {
        let what: String
    }

    private let pid: pid_t
    private let pipe: Int32

    init(_ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        // Close-on-exec from the first moment, lest another child hold it open.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failed(what: "socketpair")
        }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        let words = arguments.map { strdup($0) }
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        guard posix_spawnp(&pid, arguments[0], &actions, nil, words + [nil], environ) == 0 else {
            close(ends[0])
            throw Failed(what: arguments[0])
        }
        self.pid = pid
        pipe = ends[0]
    }

    deinit {
        close(pipe)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// The next line it prints, without the line's end.
    func line() throws -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(pipe, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        guard !line.isEmpty else { throw Failed(what: "ended without a line") }
        return String(decoding: line, as: UTF8.self)
    }

    /// Waits for it to end.
    func finish() {
        var byte: UInt8 = 0
        while read(pipe, &byte, 1) == 1 {}
    }
}
