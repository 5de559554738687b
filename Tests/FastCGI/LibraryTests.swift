import CFastCGI
import CLinux
import Glibc
import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("libfcgi")
    struct LibraryTests {
        @Test("has its fields where our use of its internals expects them")
        func layout() {
            #expect(MemoryLayout<FCGX_Request>.size == 80)
            #expect(MemoryLayout<FCGX_Request>.offset(of: \.in) == 8)
            #expect(MemoryLayout<FCGX_Request>.offset(of: \.envp) == 32)
            #expect(MemoryLayout<FCGX_Request>.offset(of: \.ipcFd) == 48)
            #expect(MemoryLayout<FCGX_Request>.offset(of: \.keepConnection) == 56)
            #expect(MemoryLayout<FCGX_Request>.offset(of: \.appStatus) == 60)
            #expect(MemoryLayout<FCGX_Request>.offset(of: \.listen_sock) == 72)
        }

        @Test("takes a connection put into a request, and says in it whether to keep it")
        func internals() throws {
            #expect(Library.status == 0)
            for keep in [true, false] {
                var ends: [Int32] = [0, 0]
                #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
                let connection = Connection(descriptor: ends[0], settings: .quick)
                let bytes = Record.request([("A", "b")], keepingOpen: keep)
                #expect(write(ends[1], bytes, bytes.count) == bytes.count)
                #expect(connection.accept())
                #expect(connection.request.pointee.keepConnection == (keep ? 1 : 0))
                // A peer that has gone, or libfcgi would linger for its close.
                shutdown(ends[1], Int32(SHUT_WR))
                #expect(connection.finish(keepingOpen: true) == keep)
                // At the end of the peer's bytes it must fail, not wait for a connection.
                if keep { #expect(!connection.accept()) }
                connection.closeNow()
                close(ends[1])
            }
        }

        @Test("leaves signals to whoever waits for them, and nobody dies of SIGPIPE")
        func signals() {
            #expect(Library.status == 0)
            for (signal, ignored) in [(SIGTERM, false), (SIGUSR1, false), (SIGPIPE, true)] {
                var action = sigaction()
                sigaction(signal, nil, &action)
                let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: UInt.self)
                #expect(handler == (ignored ? 1 : 0))
            }
        }

        @Test("waits a tenth of a second for a peer to close, not two")
        func lingers() {
            #expect(Library.status == 0)
            #expect(getenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT").map { String(cString: $0) } == "100")
            #expect(getenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT").map { String(cString: $0) } == "100")
        }

        @Test("is kept from lingering with a peer that does not close")
        func lingering() throws {
            let desk = try Desk()
            let client = try desk.client()
            let start = Clock.now
            _ = try client.ask(keepingOpen: false)
            #expect(eventually { desk.pool.connections.count == 0 })
            #expect(Clock.now - start < 1000)
            withExtendedLifetime(client) {}
        }

        @Test("a signal sent to the process reaches the thread that waits for it, and no worker")
        func waiting() throws {
            let arrived = Shared<Int32>(0)
            let thread = try Thread.start(named: "signals", stack: 1 << 20) {
                let signal = Signals.wait(for: [SIGUSR2, SIGTERM])
                arrived.change { $0 = signal }
            }
            pthread_kill(thread, SIGUSR2)
            pthread_join(thread, nil)
            #expect(arrived.value == SIGUSR2)
        }
    }
}
