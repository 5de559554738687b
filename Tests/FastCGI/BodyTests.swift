import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("A body")
    struct BodyTests {
        /// A desk that reads bodies of up to 100 000 bytes and answers their sum, or why not.
        private func reader() throws -> Desk {
            try Desk { exchange in
                let answer: String
                do {
                    let body = try exchange.readBody(limit: 100_000)
                    answer = "\(body.count) \(body.reduce(0) { $0 &+ Int($1) })"
                } catch {
                    answer = "\(error)"
                }
                try? exchange.write(Array(answer.utf8))
            }
        }

        @Test("arrives whole, whatever its size", arguments: [0, 1, 8000, 8192, 65_536, 99_999, 100_000])
        func whole(size: Int) throws {
            let desk = try reader()
            let client = try desk.client()
            let body = [UInt8](repeating: 3, count: size)
            for _ in 0..<3 { #expect(try client.ask(body: body).text == "\(size) \(size * 3)") }
        }

        @Test("arrives whole without a CONTENT_LENGTH")
        func unannounced() throws {
            let desk = try reader()
            let client = try desk.client()
            let body = [UInt8](repeating: 1, count: 70_000)
            try client.send(Record.opening([("A", "b")]) + Record.body(body))
            let first = try client.answer().text
            #expect(first == "70000 70000")
            try client.send(Record.opening([("A", "b")]) + Record.body([UInt8](repeating: 1, count: 100_001)))
            #expect(try client.answer().text == "tooLarge(limit: 100000)")
            #expect(try client.ask(body: [5]).text == "1 5")
        }

        @Test("past the limit is read to its end and refused, and the connection goes on")
        func tooLarge() throws {
            let desk = try reader()
            let client = try desk.client()
            for size in [100_001, 3_000_000] {
                let answer = try client.ask(body: [UInt8](repeating: 1, count: size))
                #expect(answer.text == "tooLarge(limit: 100000)")
            }
            #expect(try client.ask(body: [5]).text == "1 5")
        }

        @Test("that is not as long as CONTENT_LENGTH says is refused", arguments: [9, 11])
        func wrongLength(size: Int) throws {
            let desk = try reader()
            let client = try desk.client()
            try client.send(
                Record.opening([("CONTENT_LENGTH", "10")]) + Record.body([UInt8](repeating: 1, count: size))
            )
            #expect(try client.answer().text == "incomplete")
            #expect(try client.ask(body: [5]).text == "1 5")
        }

        @Test("whose client goes away or falls silent is incomplete", arguments: [true, false])
        func brokenOff(goesAway: Bool) throws {
            let outcome = Shared<BodyError?>(nil)
            let desk = try Desk { exchange in
                do { _ = try exchange.readBody(limit: 1000) } catch {
                    outcome.change { $0 = error as? BodyError }
                }
            }
            var client: Client? = try desk.client()
            try client?.send(Record.opening([("CONTENT_LENGTH", "10")]) + Record.record(5, [1, 2, 3]))
            if goesAway { client = nil }
            #expect(eventually { outcome.value != nil })
            #expect(outcome.value == .incomplete)
            #expect(eventually { desk.pool.connections.count == 0 })
            withExtendedLifetime(client) {}
        }

        @Test("can be read once")
        func twice() throws {
            let errors = Shared<[BodyError?]>([])
            let desk = try Desk { exchange in
                do {
                    _ = try exchange.readBody(limit: 10)
                    _ = try exchange.readBody(limit: 10)
                } catch {
                    errors.change { $0.append(error as? BodyError) }
                }
            }
            _ = try desk.client().ask(body: [1])
            #expect(errors.value == [.alreadyRead])
        }

        @Test("that holds FastCGI records smuggles no request past a handler that does not read it")
        func smuggling() throws {
            let strangers = Shared(0)
            let desk = try Desk { exchange in
                if exchange.parameter("REQUEST_METHOD") != "POST" { strangers.change { $0 += 1 } }
                try? exchange.write(Array("Status: 401\r\n\r\n".utf8))
            }
            let evil = Record.request([("REQUEST_METHOD", "DELETE"), ("REQUEST_URI", "/admin/evil")])
            var client = try desk.client()
            var lost = 0
            for round in 0..<4000 {
                // libfcgi reads 8192 bytes at a time and drops what it holds of them: every other time, the next
                // byte it would read is the first of the evil request.
                let length = round % 2 == 0 ? 0 : round % 97
                let opening = Record.opening([("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "00000")])
                let filler = [UInt8](repeating: 0x20, count: 8192 - opening.count - 8 + length)
                let body = Record.record(5, filler + evil + evil) + Record.record(5, [])
                do {
                    try client.send(opening + body)
                    #expect(try client.answer().text == "Status: 401\r\n\r\n")
                } catch {
                    lost += 1
                    client = try desk.client()
                }
            }
            #expect(strangers.value == 0)
            #expect(lost == 0)
        }
    }
}
