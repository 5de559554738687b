import CFastCGI
import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("An exchange")
    struct ExchangeTests {
        @Test("answers request after request on one connection")
        func keepsAlive() throws {
            let desk = try Desk { exchange in
                let path = exchange.parameter("REQUEST_URI") ?? "none"
                try? exchange.write(Array("Status: 200 OK\r\n\r\n\(path)".utf8))
            }
            let client = try desk.client()
            for number in 1...1000 {
                let answer = try client.ask([("REQUEST_URI", "/\(number)")])
                #expect(answer == Client.Answer(output: Array("Status: 200 OK\r\n\r\n/\(number)".utf8)))
            }
            #expect(eventually { desk.pool.inFlight == 0 })
        }

        @Test("closes the connection of a peer that does not ask to keep it")
        func closes() throws {
            let desk = try Desk()
            let client = try desk.client()
            #expect(try client.ask(keepingOpen: false).text.hasSuffix("ok"))
            #expect(try client.receive(1).isEmpty)
            #expect(eventually { desk.pool.connections.count == 0 })
        }

        @Test("lends parameters as bytes and as strict UTF-8")
        func parameters() throws {
            let seen = Shared<[String]>([])
            let desk = try Desk { exchange in
                seen.change { seen in
                    seen.append(exchange.parameter("WORD") ?? "nil")
                    seen.append(exchange.parameter("NONE") ?? "nil")
                    seen.append(exchange.parameter("BAD") ?? "nil")
                    seen.append(exchange.parameter("WOR") ?? "nil")
                    seen.append(exchange.withParameter("BAD") { "\($0.map(Array.init) ?? [])" })
                    seen.append(exchange.withParameter("NONE") { "\($0 == nil)" })
                    exchange.forEachParameter { name, value in
                        seen.append("\(String(decoding: name, as: UTF8.self)):\(value.count)")
                    }
                }
            }
            let bad: [UInt8] = [3, 2] + Array("BAD".utf8) + [0xc3, 0x28]
            let pairs = Record.pairs([("WORD", "grüße=1"), ("LONG", String(repeating: "x", count: 300)), ("", "")])
            let client = try desk.client()
            try client.send(Record.begin() + Record.record(4, pairs + bad) + Record.record(4, []) + Record.body([]))
            _ = try client.answer()
            #expect(
                seen.value == [
                    "grüße=1", "nil", "nil", "nil", "[195, 40]", "true",
                    "FCGI_ROLE:9", "WORD:9", "LONG:300", ":0", "BAD:2",
                ]
            )
        }

        @Test("streams 50 MB through one connection intact")
        func streams() throws {
            let piece = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
            let failures = Shared(0)
            let desk = try Desk { exchange in
                for _ in 0..<50 {
                    do { try exchange.write(piece) } catch { failures.change { $0 += 1 } }
                }
            }
            let client = try desk.client()
            let answer = try client.ask()
            #expect(answer.output.count == 50 * piece.count)
            #expect((0..<50).allSatisfy { answer.output[($0 * piece.count)...].starts(with: piece) })
            #expect(failures.value == 0)
            #expect(try client.ask().output.count == 50 * piece.count)
        }

        @Test("flushes what it has before the answer is complete")
        func flushes() throws {
            let gate = Gate()
            let desk = try Desk { exchange in
                try? exchange.write(Array("first".utf8))
                try? exchange.flush()
                await gate.wait()
                try? exchange.write(Array("last".utf8))
            }
            let client = try desk.client()
            try client.send(Record.request([]))
            #expect(try client.receiveAll(16)[8..<13] == Array("first".utf8)[...])
            gate.open()
            #expect(try client.answer().text == "last")
        }

        @Test("tells a handler that its client has gone, and serves the next")
        func clientGone() throws {
            let gate = Gate()
            let lost = Shared<[Bool]>([])
            let desk = try Desk { exchange in
                guard exchange.parameter("SLOW") != nil else { return }
                await gate.wait()
                for _ in 0..<3 {
                    do {
                        try exchange.write([UInt8](repeating: 1, count: 1 << 20))
                        lost.change { $0.append(false) }
                    } catch {
                        lost.change { $0.append(error is ConnectionLost) }
                    }
                }
            }
            var client: Client? = try desk.client()
            try client?.send(Record.request([("SLOW", "1")]))
            #expect(eventually { desk.pool.inFlight == 1 })
            client = nil
            gate.open()
            #expect(eventually { desk.pool.inFlight == 0 })
            #expect(lost.value == [true, true, true])
            #expect(try desk.client().ask().output.isEmpty)
        }

        @Test("gives up on a peer that takes nothing, within the send time-out")
        func stalledReader() throws {
            let lost = Shared(false)
            let desk = try Desk { exchange in
                do { try exchange.write([UInt8](repeating: 1, count: 4 << 20)) } catch { lost.change { $0 = true } }
            }
            let client = try desk.client()
            try client.send(Record.request([]))
            #expect(eventually { desk.pool.inFlight == 1 })
            #expect(eventually { desk.pool.inFlight == 0 })
            #expect(lost.value)
        }

        @Test("starts each request with an application status of 0")
        func statusIsReset() throws {
            let desk = try Desk { exchange in
                if exchange.parameter("FAIL") != nil { exchange.connection?.request.pointee.appStatus = 7 }
            }
            let client = try desk.client()
            #expect(try client.ask([("FAIL", "1")]).applicationStatus == 7)
            #expect(try client.ask().applicationStatus == 0)
        }

        @Test("is of no use once its handler has returned")
        func doesNotOutliveItsHandler() throws {
            let kept = Shared<Exchange?>(nil)
            let desk = try Desk { exchange in kept.change { $0 = exchange } }
            let client = try desk.client()
            _ = try client.ask([("NAME", "value")])
            #expect(eventually { desk.pool.inFlight == 0 })
            let exchange = try #require(kept.value)
            #expect(exchange.parameter("NAME") == nil)
            #expect(throws: ConnectionLost.self) { try exchange.write([1]) }
            #expect(throws: BodyError.incomplete) { try exchange.readBody(limit: 10) }
        }
    }
}
