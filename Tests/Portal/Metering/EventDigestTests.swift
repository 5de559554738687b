import Testing

@testable import Portal

@Suite("The digest of a set of events")
struct EventDigestTests {
    static func event(_ id: Int64, quantity: Int64 = 5, key: String? = nil) -> EventDigest.Event {
        EventDigest.Event(
            id: id,
            accountID: 7,
            meter: "shots",
            backend: "ibm_torino",
            quantity: quantity,
            unitMicros: 3_000_000,
            occurredAt: 1_750_000_000_000,
            recordedAt: 1_750_000_000_123,
            eventKey: key
        )
    }

    static func sum(_ events: [EventDigest.Event]) -> EventDigest {
        events.reduce(into: EventDigest()) { $0 += EventDigest(of: $1) }
    }

    @Test("is what anybody computes from the description")
    func known() {
        // hashlib.sha256(struct.pack("<6q", 1, 7, 5, 3000000, 1750000000000, 1750000000123)
        //     + b"shots\0ibm_torino\0\0").hexdigest()[:32]
        #expect(EventDigest(of: Self.event(1)).text == "767a341903051f50a17430c891258a3d")
    }

    @Test("is the same in any order, and the part that is left when another is taken from it")
    func sums() {
        let events = (1...100).map { Self.event($0) }
        #expect(Self.sum(events).text == Self.sum(events.reversed()).text)
        #expect((Self.sum(events) - Self.sum(Array(events[..<40]))).text == Self.sum(Array(events[40...])).text)
        #expect(EventDigest().text == "00000000000000000000000000000000")
    }

    @Test("differs where an event is missing, doubled or altered")
    func differs() {
        let events = (1...10).map { Self.event($0) }
        let whole = Self.sum(events).text
        #expect(Self.sum(Array(events.dropLast())).text != whole)
        #expect(Self.sum(events + [events[0]]).text != whole)
        #expect(Self.sum(Array(events.dropLast()) + [Self.event(10, quantity: 6)]).text != whole)
        #expect(Self.sum(Array(events.dropLast()) + [Self.event(10, key: "a")]).text != whole)
    }
}
