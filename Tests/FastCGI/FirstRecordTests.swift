import Testing

@testable import FastCGI

extension FastCGITests {
    @Suite("The guard on a connection's opening")
    struct FirstRecordTests {
        private func verdict(_ bytes: [UInt8]) -> FirstRecord.Verdict {
            var bytes = bytes
            return bytes.withUnsafeMutableBytes { FirstRecord.judge($0) }
        }

        /// What no nginx sends: name, bytes.
        static let malformed: [(String, [UInt8])] = [
            ("another protocol", Array("GET / HTTP/1.1\r\n\r\n".utf8)),
            ("version 2", Record.record(1, [0, 1, 1, 0, 0, 0, 0, 0], version: 2)),
            ("GET_VALUES", Record.record(9, Record.pairs([("FCGI_MAX_CONNS", "")]), id: 0)),
            ("request id 0", Record.begin(id: 0)),
            ("ABORT_REQUEST first", Record.record(2, [])),
            ("an authorizer's role", Record.begin(role: 2)),
            ("an unknown role", Record.begin(role: 9)),
            ("a long BEGIN_REQUEST", Record.record(1, [0, 1, 1, 0, 0, 0, 0, 0, 0])),
            ("STDIN before PARAMS", Record.begin() + Record.body([1])),
            ("GET_VALUES before PARAMS", Record.begin() + Record.record(9, Record.pairs([("A", "")]), id: 0)),
            ("another id's PARAMS", Record.begin() + Record.record(4, [], id: 2)),
            ("lengths that sum past 2³¹", overflowing),
            ("a length past the end", Record.begin() + Record.record(4, [1, 9, 0x41]) + Record.record(4, [])),
            ("half a length", Record.begin() + Record.record(4, [1, 0x80, 0]) + Record.record(4, [])),
            ("a lone name length", Record.begin() + Record.record(4, [0]) + Record.record(4, [])),
            ("no parameters", Record.opening([])),
            ("parameters past the limit", endless),
        ]

        private static var overflowing: [UInt8] {
            Record.begin() + Record.record(4, [0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 9, 1, 2]) + Record.record(4, [])
        }

        private static var endless: [UInt8] {
            let pair = Record.pairs([("X", String(repeating: "y", count: 30_000))])
            return Record.begin() + (0..<3).flatMap { _ in Record.record(4, pair) }
        }

        @Test("refuses, and closes the connection on", arguments: malformed)
        func refuses(what: String, bytes: [UInt8]) throws {
            #expect(verdict(bytes) == .refused)
            let served = Shared(0)
            let desk = try Desk { _ in served.change { $0 += 1 } }
            let client = try desk.client()
            try? client.send(bytes)
            #expect(try client.receive(1).isEmpty)
            #expect(served.value == 0)
            _ = try desk.client().ask()
            #expect(served.value == 1)
        }

        @Test("takes every beginning of a good opening for one")
        func beginnings() {
            let opening = Record.opening([("A", "b"), ("LONG", String(repeating: "x", count: 200))])
            for count in 0..<opening.count { #expect(verdict(Array(opening[..<count])) == .partial) }
            #expect(verdict(opening) == .complete)
            #expect(verdict(opening + Record.body([1, 2, 3])) == .complete)
        }

        @Test("takes parameters that are padded and spread over records")
        func spread() throws {
            let pairs = Record.pairs([("FIRST", "one"), ("SECOND", String(repeating: "2", count: 500))])
            var bytes = Record.begin()
            for index in stride(from: 0, to: pairs.count, by: 100) {
                var record = Record.record(4, Array(pairs[index..<min(index + 100, pairs.count)]))
                record[6] = 5
                bytes += record + [9, 9, 9, 9, 9]
            }
            bytes += Record.record(4, [])
            #expect(verdict(bytes) == .complete)
            let desk = try Desk { exchange in
                try? exchange.write(Array((exchange.parameter("SECOND") ?? "").utf8))
            }
            let client = try desk.client()
            try client.send(bytes + Record.body([]))
            #expect(try client.answer().output.count == 500)
        }

        @Test("lets through all that nginx can put into one record")
        func largest() throws {
            let desk = try Desk { exchange in
                try? exchange.write(Array("\(exchange.withParameter("X") { $0?.count ?? 0 })".utf8))
            }
            let value = String(repeating: "y", count: 65_535 - 6)
            let client = try desk.client()
            try client.send(Record.opening([("X", value)]) + Record.body([]))
            #expect(try client.answer().text == "\(value.utf8.count)")
        }

        @Test("waits for an opening that comes piece by piece")
        func pieces() throws {
            let desk = try Desk()
            let client = try desk.client()
            for _ in 0..<3 {
                for byte in Record.opening([("NAME", "value")]) { try client.send([byte]) }
                try client.send(Record.body([]))
                #expect(try client.answer().text.hasSuffix("ok"))
            }
        }

        @Test("lets a byte and then silence hold up nobody, and closes in time")
        func silence() throws {
            let desk = try Desk()
            let silent = try (0..<20).map { count in
                let client = try desk.client()
                try client.send(Array(Record.opening([("A", "b")])[...count]))
                return client
            }
            let start = Clock.now
            let client = try desk.client()
            for _ in 0..<100 { _ = try client.ask() }
            #expect(Clock.now - start < 1000)
            #expect(desk.pool.connections.count == 21)
            for client in silent { #expect(try client.receive(1).isEmpty) }
            #expect(Clock.now - start < 4000)
            #expect(try client.ask().text.hasSuffix("ok"))
        }
    }
}
