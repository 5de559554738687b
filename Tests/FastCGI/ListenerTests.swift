import CLinux
import Glibc
import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("A listener")
    struct ListenerTests {
        private func status(_ path: String) -> stat {
            var status = stat()
            lstat(path, &status)
            return status
        }

        @Test("is a socket for owner and group only, and goes when the pool stops")
        func mode() throws {
            let path = Desk.freshPath()
            let group = try #require(getgrgid(getgid()))
            let listener = try Listener.bind(path: path, group: String(cString: group.pointee.gr_name), backlog: 8)
            #expect(listener.path == path)
            #expect(status(path).st_mode & 0o7777 == 0o660)
            #expect(status(path).st_mode & S_IFMT == S_IFSOCK)
            #expect(status(path).st_gid == getgid())
            let pool = try WorkerPool(listener: listener, settings: .quick) { _ in }
            try pool.start()
            pool.stop()
            #expect(access(path, F_OK) != 0)
        }

        @Test("takes the place of a dead process's socket")
        func stale() throws {
            let path = Desk.freshPath()
            close(try Listener.bind(path: path, group: nil, backlog: 8).descriptor)
            let listener = try Listener.bind(path: path, group: nil, backlog: 8)
            #expect(throws: ListenerError.inUse(path)) { try Listener.bind(path: path, group: nil, backlog: 8) }
            listener.refuse()
            close(listener.descriptor)
        }

        @Test("leaves alone what is not a socket, and its successor's socket")
        func others() throws {
            let path = Desk.freshPath()
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            #expect(throws: ListenerError.notASocket(path)) { try Listener.bind(path: path, group: nil, backlog: 8) }
            #expect(access(path, F_OK) == 0)
            unlink(path)
            let old = try Listener.bind(path: path, group: nil, backlog: 8)
            rename(path, path + ".old")
            let new = try Listener.bind(path: path, group: nil, backlog: 8)
            old.refuse()
            #expect(access(path, F_OK) == 0)
            new.refuse()
            #expect(access(path, F_OK) != 0)
            unlink(path + ".old")
            for listener in [old, new] { close(listener.descriptor) }
        }

        @Test("says what is wrong with a path or a group")
        func refusals() {
            let long = "/tmp/" + String(repeating: "x", count: 108)
            #expect(throws: ListenerError.pathTooLong(long)) { try Listener.bind(path: long, group: nil, backlog: 8) }
            #expect(throws: ListenerError.noSuchGroup("no-such-group")) {
                try Listener.bind(path: Desk.freshPath(), group: "no-such-group", backlog: 8)
            }
            #expect(throws: SystemError.self) { try Listener.bind(path: "/nowhere/s", group: nil, backlog: 8) }
        }

        @Test("takes the one socket systemd passes, if it is for this process")
        func inherited() throws {
            let path = Desk.freshPath()
            let listener = try Listener.bind(path: path, group: nil, backlog: 8)
            defer { close(listener.descriptor) }
            let (own, passed) = ("\(getpid())", listener.descriptor)
            #expect(try Listener.inherited(pid: nil, count: "1", descriptor: passed) == nil)
            #expect(try Listener.inherited(pid: "1", count: "1", descriptor: passed) == nil)
            #expect(try Listener.inherited(pid: own, count: "0", descriptor: passed) == nil)
            #expect(throws: ListenerError.severalInherited(2)) {
                try Listener.inherited(pid: own, count: "2", descriptor: passed)
            }
            #expect(throws: ListenerError.notListening(descriptor: 0)) {
                try Listener.inherited(pid: own, count: "1", descriptor: 0)
            }
            let taken = try #require(try Listener.inherited(pid: own, count: "1", descriptor: dup(passed)))
            #expect(taken.path == nil)
            let pool = try WorkerPool(listener: taken, settings: .quick) { _ in }
            try pool.start()
            _ = try Client(path).ask()
            pool.stop()
            // It stays: whoever connects now waits for the next process.
            let waiting = try Client(path)
            try waiting.send(Record.request([]))
            #expect(fcntl(passed, F_GETFL) & O_NONBLOCK != 0)
            listener.refuse()
        }

        @Test("unsets systemd's variables, whomever they are for")
        func variables() throws {
            for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { setenv(name, "1", 1) }
            #expect(try Listener.inherited() == nil)
            for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { #expect(getenv(name) == nil) }
        }
    }
}
