import Glibc
import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("Stopping")
    struct StopTests {
        /// Stops on a thread of its own; the value becomes true when `stop` has returned.
        private func stopping(_ pool: WorkerPool) throws -> Shared<Bool> {
            let stopped = Shared(false)
            let thread = try Thread.start(named: "stopper", stack: 1 << 20) {
                pool.stop()
                stopped.change { $0 = true }
            }
            pthread_detach(thread)
            return stopped
        }

        @Test("finishes a request whose handler waits, and then closes its connection")
        func finishesWhatIsInFlight() throws {
            let gate = Gate()
            let desk = try Desk { exchange in
                await gate.wait()
                try? exchange.write(Array("finished".utf8))
            }
            let client = try desk.client()
            try client.send(Record.request([]))
            #expect(eventually { desk.pool.inFlight == 1 })
            let stopped = try stopping(desk.pool)
            #expect(eventually { desk.pool.shutdown.hasBegun && access(desk.path, F_OK) != 0 })
            #expect(throws: SystemError.self) { try desk.client() }
            #expect(!stopped.value)
            gate.open()
            #expect(try client.answer().text == "finished")
            #expect(try client.receive(1).isEmpty)
            #expect(eventually { stopped.value })
            #expect(workerThreads().isEmpty)
            #expect(desk.pool.connections.count == 0)
        }

        @Test("closes idle and half-opened connections")
        func closesIdle() throws {
            let desk = try Desk()
            let clients = try (0..<50).map { _ in try desk.client() }
            for client in clients[10...] { _ = try client.ask() }
            try clients[49].send([1, 1])
            let start = Clock.now
            desk.pool.stop()
            #expect(Clock.now - start < 1000)
            for client in clients {
                #expect(try client.receive(1).isEmpty)
                #expect(throws: (any Error).self) { try client.ask() }
            }
            #expect(workerThreads().isEmpty)
        }

        @Test("returns when its time is up, whatever a handler does", arguments: [true, false])
        func bounded(blocksItsThread: Bool) throws {
            let gate = Gate()
            let blocked = Shared(true)
            var settings = PoolSettings.quick
            settings.stopGrace = 0
            let desk = try Desk(settings) { _ in
                if blocksItsThread { while blocked.value { usleep(1000) } } else { await gate.wait() }
            }
            let client = try desk.client()
            try client.send(Record.request([]))
            #expect(eventually { desk.pool.inFlight == 1 })
            let start = Clock.now
            desk.pool.stop()
            #expect(Clock.now - start < 3000)
            blocked.change { $0 = false }
            #expect(eventually { workerThreads().isEmpty })
            gate.open()
        }

        @Test("may be asked for twice, and by a handler")
        func twice() throws {
            let pool = Shared<WorkerPool?>(nil)
            let desk = try Desk { exchange in
                pool.value?.stop()
                try? exchange.write(Array("answered".utf8))
            }
            pool.change { $0 = desk.pool }
            let client = try desk.client()
            #expect(try client.ask().text == "answered")
            pool.change { $0 = nil }
            desk.pool.stop()
            #expect(workerThreads().isEmpty)
            desk.pool.stop()
        }

        @Test("under load leaves every answer whole or unsent", arguments: 1...10)
        func underLoad(round: Int) throws {
            let text = String(repeating: "answer ", count: 5000)
            let desk = try Desk { exchange in try? exchange.write(Array(text.utf8)) }
            let answered = Shared(0)
            let broken = Shared(0)
            let running = Shared(6)
            for number in 0..<6 {
                let path = desk.path
                let thread = try Thread.start(named: "client", stack: 1 << 20) {
                    defer { running.change { $0 -= 1 } }
                    while let client = try? Client(path, seconds: 5) {
                        while let answer = try? client.ask(keepingOpen: number % 2 == 0) {
                            if answer.text == text { answered.change { $0 += 1 } } else { broken.change { $0 += 1 } }
                            if number % 2 == 1 { break }
                        }
                        if client.receivedPart { broken.change { $0 += 1 } }
                    }
                }
                pthread_detach(thread)
            }
            #expect(eventually { answered.value > 100 * round })
            let start = Clock.now
            desk.pool.stop()
            #expect(Clock.now - start < 2000)
            #expect(eventually { running.value == 0 })
            #expect(broken.value == 0)
            #expect(desk.pool.inFlight == 0)
            #expect(workerThreads().isEmpty)
        }
    }
}
