import Testing

@testable import Crypto

@Suite("Sealed secrets") struct SealedSecretTests {
    static let secret = [UInt8]("a secret of the site, long enough".utf8)
    let key = SealingKey(secret: secret, purpose: "totp")
    let plain = [UInt8]("seed of a second factor".utf8)

    @Test("derives keys as RFC 5869 does, test case 3")
    func derivation() {
        let extracted = HMACKey([UInt8](repeating: 0, count: 32)).sign([UInt8](repeating: 0x0b, count: 22))
        #expect(
            Hex.encode(SealingKey.expand(extracted, ""))
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
        )
    }

    /// Sealed by HKDF and AESGCM of Python's `cryptography`, with the nonce 00 01 … 0b.
    @Test("opens what another program sealed")
    func known() throws {
        let sealed = try #require(
            Hex.decode(
                "010cbced78000102030405060708090a0b"
                    + "9589e2c925d37be23c7c587ea773909b4dbb43c709a5c372199b2eb231c6081d22c9049ccf082f"
            )
        )
        #expect(try SealedSecret.open(sealed, under: [key], context: "person:3") == plain)
    }

    @Test("opens what it sealed, short or long, and never seals twice alike", arguments: [0, 1, 16, 23, 65_536])
    func roundTrip(size: Int) throws {
        let plain = [UInt8](repeating: 7, count: size)
        let sealed = try SealedSecret.seal(plain, under: key, context: "person:3")
        #expect(sealed.count == size + 33)
        #expect(try SealedSecret.open(sealed, under: [key], context: "person:3") == plain)
        #expect(try SealedSecret.seal(plain, under: key, context: "person:3") != sealed)
    }

    @Test("refuses to seal what is too long to be a secret")
    func tooLong() {
        #expect(throws: SealedSecret.Failure.refused) {
            try SealedSecret.seal([UInt8](repeating: 0, count: 65_537), under: key, context: "")
        }
    }

    @Test("refuses every altered byte, and every shortened text")
    func altered() throws {
        let sealed = try SealedSecret.seal(plain, under: key, context: "person:3")
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            #expect(throws: SealedSecret.Failure.unreadable, "byte \(index)") {
                try SealedSecret.open(altered, under: [key], context: "person:3")
            }
        }
        for count in sealed.indices {
            #expect(throws: SealedSecret.Failure.unreadable, "\(count) bytes") {
                try SealedSecret.open(Array(sealed[..<count]), under: [key], context: "person:3")
            }
        }
    }

    @Test("refuses a secret that was moved to another row, or is used for another purpose")
    func moved() throws {
        let sealed = try SealedSecret.seal(plain, under: key, context: "person:3")
        #expect(throws: SealedSecret.Failure.unreadable) {
            try SealedSecret.open(sealed, under: [key], context: "person:4")
        }
        let other = SealingKey(secret: Self.secret, purpose: "webhook")
        #expect(throws: SealedSecret.Failure.unreadable) {
            try SealedSecret.open(sealed, under: [other], context: "person:3")
        }
    }

    @Test("opens by the key that sealed, while another is in use by now")
    func rotation() throws {
        let newer = SealingKey(secret: Array("another secret of the site".utf8), purpose: "totp")
        let sealed = try SealedSecret.seal(plain, under: key, context: "person:3")
        #expect(try SealedSecret.open(sealed, under: [newer, key], context: "person:3") == plain)
        #expect(throws: SealedSecret.Failure.unreadable) {
            try SealedSecret.open(sealed, under: [newer], context: "person:3")
        }
    }
}
