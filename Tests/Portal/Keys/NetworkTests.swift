import Testing

@testable import Portal

@Suite("The networks of a key")
struct NetworkTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let network: String
        let inside: [String]
        let outside: [String]

        var testDescription: String { network }
    }

    @Test(
        "hold the addresses within",
        arguments: [
            Row(
                network: "192.0.2.0/24",
                inside: ["192.0.2.0", "192.0.2.255", "::ffff:192.0.2.7"],
                outside: ["192.0.1.255", "192.0.3.0", "::c000:207", "2001:db8::1", "", "unix:", "192.0.2.7 "]
            ),
            Row(
                network: "192.0.2.7",
                inside: ["192.0.2.7", "::FFFF:192.0.2.7", "::ffff:c000:0207"],
                outside: ["192.0.2.8"]
            ),
            Row(network: "0.0.0.0/0", inside: ["1.2.3.4", "255.255.255.255"], outside: ["2001:db8::1", "nonsense"]),
            Row(
                network: "2001:db8::/32",
                inside: ["2001:db8::", "2001:db8:ffff::1"],
                outside: ["2001:db9::", "192.0.2.1"]
            ),
            Row(network: "2001:db8::80/121", inside: ["2001:db8::80", "2001:db8::ff"], outside: ["2001:db8::7f"]),
            Row(network: "::/0", inside: ["::1", "2001:db8::1"], outside: ["192.0.2.1", "::ffff:192.0.2.1"]),
            Row(network: "::ffff:192.0.2.0/120", inside: ["192.0.2.9", "::ffff:192.0.2.9"], outside: ["192.0.3.9"]),
            Row(network: "::ffff:192.0.2.7", inside: ["192.0.2.7"], outside: ["192.0.2.8"]),
        ]
    )
    func membership(row: Row) throws {
        let networks = try require(Networks([try require(Network(row.network))]))
        for address in row.inside { #expect(networks.contain(address), "\(address)") }
        for address in row.outside { #expect(!networks.contain(address), "\(address)") }
        let stored = try require(Networks(stored: networks.stored))
        #expect(stored == networks)
    }

    @Test(
        "are refused where they are none",
        arguments: [
            "", "localhost", "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "192.0.2.0/24/8", "192.0.2",
            "192.0.2.0/024", "010.0.0.0/8", "2001:db8::1/32", "2001:db8::/129", "fe80::1%eth0", "192.0.2.0 /24",
            "::ffff:192.0.2.0/95", "*", "any",
        ]
    )
    func nonsense(text: String) {
        #expect(Network(text) == nil)
    }

    @Test("that cannot be read admit nobody, rather than everybody")
    func unreadable() throws {
        #expect(Networks(stored: nil) == nil)
        let networks = try require(Networks(stored: "garbage"))
        #expect(!networks.contain("192.0.2.1"))
    }
}

@Suite("The windows of a key")
struct RateWindowTests {
    @Test("are stored as they are read")
    func stored() throws {
        let windows = RateWindow.read(stored: "100/60 5000/86400")
        #expect(windows.map(\.requests.value) == [100, 5000])
        #expect(windows.map(\.seconds.value) == [60, 86_400])
        #expect(RateWindow.stored(windows) == "100/60 5000/86400")
        #expect(RateWindow.stored([]) == nil)
        #expect(RateWindow.read(stored: nil).isEmpty)
    }
}
