import Storage
import Testing

@testable import Portal

@Suite("An invoice over many events")
struct InvoiceSpeedTests {
    @Test("reads as many rows as it has lines, whatever stands behind them")
    func rollups() throws {
        let desk = try InvoiceBooks()
        for _ in 0..<3 { try desk.use(cents: 1) }
        // The totals as a million more would have left them, without the events: only totals are read.
        _ = try desk.write { account, db in
            try db.run("UPDATE usage_total SET events = 1000003, last_event_id = 1000003, quantity = 1000003")
            try db.run("DELETE FROM usage_event")
        }
        let clock = ContinuousClock()
        var invoice: Invoices.Invoice?
        let time = try clock.measure { invoice = try desk.raise() }
        let id = try #require(invoice?.id)
        let line = try #require(try desk.lines(id).first)
        #expect(line.evidence?.events == 1_000_003 && line.evidence?.ids == 1...1_000_003)
        #expect(time < .milliseconds(50), "\(time)")
    }
}
