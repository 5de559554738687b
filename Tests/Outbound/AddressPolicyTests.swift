import Testing

@testable import Outbound

@Suite("Where strangers' URLs may lead") struct AddressPolicyTests {
    private func addresses(_ texts: [String]) throws -> [IPAddress] {
        try texts.map { try #require(IPAddress($0)) }
    }

    @Test(
        "is the public Internet",
        arguments: [
            "1.1.1.1", "8.8.8.8", "93.184.216.34", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00:1450::5",
        ]
    )
    func global(text: String) throws {
        #expect(AddressPolicy().permits(try addresses([text]), isPlain: false))
        #expect(!AddressPolicy().permits(try addresses([text]), isPlain: true))
    }

    @Test(
        "is no special address, however it is dressed",
        arguments: [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
            "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255",
            "::", "::1", "fc00::1", "fd12:3456::1", "fe80::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
            "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:db8::1", "2001::1", "3fff::1", "100::1",
            "4000::1",
        ]
    )
    func special(text: String) throws {
        #expect(!AddressPolicy().permits(try addresses([text]), isPlain: false))
    }

    @Test("condemns a name for one bad address among good ones, and for having none")
    func mixed() throws {
        #expect(!AddressPolicy().permits(try addresses(["1.1.1.1", "10.0.0.1"]), isPlain: false))
        #expect(!AddressPolicy().permits(try addresses(["2606:4700::1", "::1"]), isPlain: false))
        #expect(!AddressPolicy().permits([], isPlain: false))
    }

    @Test("takes in the ranges that the operator names, and plain HTTP only there")
    func named() throws {
        let ranges = try ["10.8.0.0/16", "::1"].map { try #require(AddressRange($0)) }
        let policy = AddressPolicy(allowing: ranges)
        #expect(policy.permits(try addresses(["10.8.255.1", "::1"]), isPlain: true))
        #expect(policy.permits(try addresses(["10.8.0.1", "1.1.1.1"]), isPlain: false))
        #expect(!policy.permits(try addresses(["10.8.0.1", "1.1.1.1"]), isPlain: true))
        #expect(!policy.permits(try addresses(["10.9.0.1"]), isPlain: false))
    }

    @Test("knows ranges to the bit, and no sloppy spelling of them")
    func ranges() throws {
        let range = try #require(AddressRange("172.16.0.0/12"))
        #expect(range.contains(try #require(IPAddress("172.31.255.255"))))
        #expect(!range.contains(try #require(IPAddress("172.32.0.0"))))
        #expect(try #require(AddressRange("0.0.0.0/0")).contains(try #require(IPAddress("9.9.9.9"))))
        for text in ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10/8", "a", "", "::/129", "1.2.3.4/08"] {
            #expect(AddressRange(text) == nil, "\(text)")
        }
    }

    @Test("writes addresses as it reads them")
    func spelling() {
        for text in ["1.2.3.4", "::1", "2606:4700::1111"] { #expect(IPAddress(text)?.description == text) }
        for text in ["127.1", "0177.0.0.1", "0x7f.0.0.1", "2130706433", "fe80::1%lo", "[::1]", " 1.2.3.4", ""] {
            #expect(IPAddress(text) == nil, "\(text)")
        }
    }
}

@Suite("A stranger's URL") struct DestinationTests {
    @Test(
        "may name a server by https",
        arguments: [
            ("https://example.com/hook?x=1", "example.com", 443), ("https://a.example:8443", "a.example", 8443),
            ("HTTPS://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
        ]
    )
    func good(url: String, host: String, port: Int) throws {
        let destination = try Destination(url, AddressPolicy())
        #expect(destination.host == host)
        #expect(destination.port == port)
        #expect(!destination.isPlain)
    }

    @Test(
        "is refused that hides where it leads",
        arguments: [
            "http://example.com/", "ftp://example.com/", "https://example.com:22/", "https://example.com:80/",
            "https://u@example.com/", "https://u:p@example.com/", "https://:p@example.com/", "https://1.1.1.1/",
            "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://127.1/", "https://0177.0.0.1/",
            "https://0x7f000001/", "https://2130706433/", "https://example.com./", "https://1.2.3.4./", "https://a..b/",
            "https://example.0x7f/", "https:///", "https://", "//example.com/", "example.com", "", "https://a b/",
            "https://b\u{fc}cher.example/", "https://example.com/\u{e9}", "https://example.com/\r\nX: y",
            "https://ex%61mple.com:65536/", "https://a\u{0}.example/", "file:///etc/passwd",
            "gopher://example.com:443/",
        ]
    )
    func bad(url: String) {
        #expect(throws: OutboundError.self) { try Destination(url, AddressPolicy()) }
    }

    @Test("is refused that is longer than any sensible one")
    func long() throws {
        let stem = "https://example.com/"
        _ = try Destination(stem + String(repeating: "a", count: 2048 - stem.utf8.count), AddressPolicy())
        #expect(throws: OutboundError.self) {
            try Destination(stem + String(repeating: "a", count: 2049 - stem.utf8.count), AddressPolicy())
        }
    }

    @Test("may be plain where the operator named a range, and by address only inside it")
    func plain() throws {
        let policy = AddressPolicy(allowing: [try #require(AddressRange("127.0.0.0/8"))])
        #expect(try Destination("http://127.0.0.1:8080/", policy).isPlain)
        #expect(try Destination("http://localhost:8080/", policy).isPlain)
        #expect(try Destination("https://hooks.internal:9000/", policy).isPlain)
        #expect(try !Destination("https://example.com/", policy).isPlain)
        for url in ["http://10.0.0.1/", "https://1.1.1.1/", "http://u@127.0.0.1/", "ftp://127.0.0.1/", "http://[::1]/"]
        {
            #expect(throws: OutboundError.self, "\(url)") { try Destination(url, policy) }
        }
    }
}
