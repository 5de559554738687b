import CFastCGI
import CLinux
import Glibc
import Synchronization
import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("A worker pool")
    struct WorkerPoolTests {
        @Test("answers the 501st connection at once while 500 sit idle")
        func idleConnections() throws {
            let desk = try Desk()
            let idle = try (0..<500).map { number in
                let client = try desk.client()
                if number % 2 == 0 { _ = try client.ask() }
                return client
            }
            let client = try desk.client(seconds: 2)
            let start = Clock.now
            for _ in 0..<100 { #expect(try client.ask().text.hasSuffix("ok")) }
            #expect(Clock.now - start < 1000)
            #expect(desk.pool.connections.count == 501)
            for client in idle { #expect(try client.ask().text.hasSuffix("ok")) }
        }

        @Test("holds no thread for handlers that wait")
        func waitingHandlers() throws {
            let gate = Gate()
            let desk = try Desk { exchange in
                if exchange.parameter("WAIT") != nil { await gate.wait() }
                try? exchange.write(Array("done".utf8))
            }
            let waiting = try (0..<100).map { _ in
                let client = try desk.client()
                try client.send(Record.request([("WAIT", "1")]))
                return client
            }
            #expect(eventually { desk.pool.inFlight == 100 })
            #expect(try desk.client().ask().text == "done")
            gate.open()
            for client in waiting { #expect(try client.answer().text == "done") }
            #expect(eventually { desk.pool.inFlight == 0 })
        }

        @Test("loses no wake-up from a foreign thread", arguments: [1, 4])
        func wakeUps(threads: Int) throws {
            var settings = PoolSettings.quick
            settings.threads = threads
            let errand = try Errand()
            let desk = try Desk(settings) { exchange in
                for _ in 0..<5000 { await errand.run() }
                try? exchange.write(Array("back".utf8))
            }
            let clients = try (0..<3).map { _ in try desk.client() }
            for client in clients { try client.send(Record.request([])) }
            for client in clients { #expect(try client.answer().text == "back") }
            errand.end()
        }

        @Test("runs what a worker queues while that worker hangs")
        func jobsOfABusyWorker() throws {
            let ran = Shared(false)
            let seen = Shared(false)
            let pool = Shared<WorkerPool?>(nil)
            let desk = try Desk { exchange in
                guard let pool = pool.value else { return }
                Task(executorPreference: pool) { ran.change { $0 = true } }
                let other = eventually { ran.value }
                seen.change { $0 = other }
            }
            pool.change { $0 = desk.pool }
            _ = try desk.client().ask()
            #expect(seen.value)
            pool.change { $0 = nil }
        }

        @Test("starts a request's handler on the thread that read it, past the queue")
        func firstJob() throws {
            let threads = Shared<Set<UInt>>([])
            var settings = PoolSettings.quick
            settings.threads = 1
            let desk = try Desk(settings) { _ in threads.change { $0.insert(UInt(pthread_self())) } }
            let client = try desk.client()
            for _ in 0..<100 { _ = try client.ask() }
            #expect(threads.value.count == 1)
            #expect(desk.pool.jobs.taken == 0)
        }

        @Test("gives its threads names, and room for two megabytes of stack")
        func threads() throws {
            let desk = try Desk { exchange in
                descend()
                try? exchange.write(Array("back".utf8))
            }
            #expect(try desk.client().ask().text == "back")
            // Each thread names itself, as its first act.
            #expect(eventually { workerThreads() == (1...4).map { "purser-worker-\($0)" } })
        }

        @Test("accepts only from users it is told to", arguments: [true, false])
        func peers(allowed: Bool) throws {
            var settings = PoolSettings.quick
            settings.allowedPeers = [allowed ? getuid() : getuid() + 1]
            let desk = try Desk(settings)
            let client = try desk.client()
            if allowed {
                #expect(try client.ask().text.hasSuffix("ok"))
            } else {
                try? client.send(Record.request([]))
                #expect(try client.receive(1).isEmpty)
            }
        }

        @Test("leaves connections past the most it holds in the queue until there is room")
        func mostConnections() throws {
            var settings = PoolSettings.quick
            settings.maxConnections = 3
            let desk = try Desk(settings)
            var clients = try (0..<3).map { _ in try desk.client() }
            for client in clients { _ = try client.ask() }
            let late = try desk.client()
            try late.send(Record.request([]))
            #expect(try clients[1].ask().text.hasSuffix("ok"))
            #expect(desk.pool.connections.count == 3)
            clients.removeFirst()
            #expect(try late.answer().text.hasSuffix("ok"))
        }

        @Test("waits without spinning while there are no descriptors, and recovers")
        func noDescriptors() throws {
            let desk = try Desk()
            let client = try desk.client()
            let late = try Client(connectingLaterTo: desk.path)
            let next = dup(0)
            close(next)
            var before = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
            var tight = rlimit(rlim_cur: rlim_t(next), rlim_max: before.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &tight)
            let start = Clock.now
            let connected = late.connect()
            let failed = eventually { desk.pool.acceptFailures.load(ordering: .relaxed) >= 10 }
            let elapsed = Clock.now - start
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &before)
            #expect(connected && failed)
            #expect(elapsed >= 9 * Int64(WorkerPool.tick - 4))
            #expect(try late.ask().text.hasSuffix("ok"))
            #expect(try client.ask().text.hasSuffix("ok"))
        }

        @Test("tells a watchdog whether its workers turn")
        func beat() throws {
            let gate = Shared(false)
            let desk = try Desk { _ in while !gate.value { usleep(1000) } }
            #expect(desk.pool.isAlive(within: 0))
            let clients = try (0..<4).map { _ in try desk.client() }
            for client in clients { try client.send(Record.request([])) }
            #expect(eventually { desk.pool.inFlight == 4 && !desk.pool.isAlive(within: 0) })
            #expect(desk.pool.isAlive(within: 30))
            gate.change { $0 = true }
            for client in clients { _ = try client.answer() }
            #expect(eventually { desk.pool.isAlive(within: 0) })
        }
    }
}

/// Uses up 1.9 MB of the stack.
@inline(never)
private func descend(from top: UInt? = nil) {
    var local = 0
    withUnsafePointer(to: &local) { here in
        let here = UInt(bitPattern: here)
        if (top ?? here) - here < 1_900_000 { descend(from: top ?? here) }
    }
}

/// The names of this process's worker threads.
func workerThreads() -> [String] {
    var names: [String] = []
    guard let folder = opendir("/proc/self/task") else { return [] }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
        let thread = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
        guard let file = fopen("/proc/self/task/\(thread)/comm", "r") else { continue }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, 64, file) != nil else { continue }
        let name = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if name.hasPrefix("purser-work") { names.append(String(name.dropLast())) }
    }
    return names.sorted()
}
