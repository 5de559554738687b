import Testing

@testable import Crypto

@Suite("SHA-256 and HMAC") struct DigestTests {
    @Test(
        "digests the vectors of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ]
    )
    func sha256(text: String, digest: String) {
        #expect(Hex.encode(SHA256.digest([UInt8](text.utf8))) == digest)
    }

    @Test("digests pieces as their whole, and goes on after a copy was finished")
    func pieces() {
        let whole = [UInt8](0...200)
        var stream = SHA256.Stream()
        stream.update([UInt8](0...62))
        var copy = stream
        #expect(stream.finish() == SHA256.digest([UInt8](0...62)))
        stream.update([])
        stream.update([UInt8](63...200))
        copy.update([1])
        #expect(stream.finish() == SHA256.digest(whole))
        #expect(copy.finish() == SHA256.digest([UInt8](0...62) + [1]))
    }

    @Test(
        "signs the vectors of RFC 4231",
        arguments: [
            (
                [UInt8](repeating: 0x0b, count: 20), [UInt8]("Hi There".utf8),
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                [UInt8]("Jefe".utf8), [UInt8]("what do ya want for nothing?".utf8),
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131),
                [UInt8]("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ]
    )
    func hmac(key: [UInt8], message: [UInt8], signature: String) {
        let key = HMACKey(key)
        #expect(Hex.encode(key.sign(message)) == signature)
        #expect(Hex.encode(key.sign(message)) == signature, "a key signs the same twice")
    }

    @Test("signs parts as their whole: Stripe's signed payload")
    func parts() {
        let signature = HMACKey([UInt8]("whsec_test_secret".utf8)).sign(
            parts: [UInt8]("1700000000".utf8),
            [UInt8](".".utf8),
            [UInt8](#"{"id":"evt_1","object":"event"}"#.utf8)
        )
        #expect(Hex.encode(signature) == "0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd")
    }

    @Test("takes a key that fills the block, and an empty key")
    func edges() {
        // Keys are padded with zeros, so an empty one signs like one of 64 zeros; one of 65 is hashed first.
        let message: [UInt8] = [1, 2, 3]
        #expect(HMACKey([]).sign(message) == HMACKey([UInt8](repeating: 0, count: 64)).sign(message))
        #expect(HMACKey([]).sign(message) != HMACKey([UInt8](repeating: 0, count: 65)).sign(message))
    }

    @Test("compares bytes, not characters")
    func comparison() {
        #expect(equalInConstantTime([1, 2, 3], [1, 2, 3]))
        #expect(equalInConstantTime([], []))
        #expect(!equalInConstantTime([1, 2, 3], [1, 2, 4]))
        #expect(!equalInConstantTime([1, 2, 3], [1, 2]))
        #expect(!equalInConstantTime([], [0]))
        #expect(!equalInConstantTime([UInt8]("\u{e9}".utf8), [UInt8]("e\u{301}".utf8)))
    }
}
