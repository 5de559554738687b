import Testing

@testable import Crypto

@Suite("Hex, base 64, base 62, CRC-32") struct EncodingTests {
    @Test("writes hex in lower case and reads either")
    func hex() {
        #expect(Hex.encode([0x00, 0x0f, 0xa0, 0xff]) == "000fa0ff")
        #expect(Hex.decode("000fA0Ff") == [0x00, 0x0f, 0xa0, 0xff])
        #expect(Hex.decode("") == [])
    }

    @Test("refuses what is not hex", arguments: ["0", "0g", "+1", " 1", "0x", "\u{ff11}1", "00\n", "/1", ":1"])
    func notHex(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test(
        "encodes and decodes the vectors of RFC 4648",
        arguments: [
            ("", "", ""), ("f", "Zg==", "Zg"), ("fo", "Zm8=", "Zm8"), ("foo", "Zm9v", "Zm9v"),
            ("foob", "Zm9vYg==", "Zm9vYg"), ("fooba", "Zm9vYmE=", "Zm9vYmE"), ("foobar", "Zm9vYmFy", "Zm9vYmFy"),
        ]
    )
    func base64(text: String, padded: String, bare: String) {
        let bytes = [UInt8](text.utf8)
        #expect(Base64.encode(bytes) == padded)
        #expect(Base64.decode(padded) == bytes)
        for variant in [Base64.Variant.unpadded, .url] {
            #expect(Base64.encode(bytes, as: variant) == bare)
            #expect(Base64.decode(bare, as: variant) == bytes)
        }
    }

    @Test("has two characters that differ in URLs")
    func base64Alphabets() {
        let bytes: [UInt8] = [0xfb, 0xff, 0xbf]
        #expect(Base64.encode(bytes) == "+/+/")
        #expect(Base64.encode(bytes, as: .url) == "-_-_")
        #expect(Base64.decode("-_-_") == nil)
        #expect(Base64.decode("+/+/", as: .url) == nil)
        #expect(Base64.decode("-_-_", as: .url) == bytes)
    }

    @Test("reads back every length and every byte", arguments: [Base64.Variant.standard, .unpadded, .url])
    func base64RoundTrip(variant: Base64.Variant) {
        let all = [UInt8](0...255)
        for count in 0...all.count {
            let bytes = [UInt8](all.suffix(count))
            #expect(Base64.decode(Base64.encode(bytes, as: variant), as: variant) == bytes)
        }
    }

    @Test(
        "refuses base 64 with a second spelling",
        arguments: ["Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z", "Z===", "====", "Zg==\n", "Zm 9v", "=Zm9", "Zm9v===="]
    )
    func notBase64(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("sums the check value of CRC-32/ISO-HDLC")
    func crc32() {
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
        #expect(CRC32.checksum([]) == 0)
        #expect(CRC32.checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ".utf8) == 714_468_973)
    }

    @Test("checks a key as GitHub does")
    func checksum() {
        #expect(Base62.checksum(of: "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ".utf8) == "0mLq17")
        #expect(Base62.checksum(of: []) == "000000")
        #expect(Base62.checksum(of: "zQWBuTSOoRi4A9spHcVY5ncnsDkxkj".utf8) != "0mLq17")
    }
}
