import Testing

@testable import Crypto

@Suite("Password hashes") struct PasswordHashTests {
    private let password = [UInt8]("correct horse battery staple".utf8)

    /// Cheap enough for a test: 16 KiB.
    private func cheap(p: Int = 1) throws -> PasswordHash.Cost {
        try #require(PasswordHash.Cost(logN: 4, r: 8, p: p))
    }

    @Test(
        "derives the vectors of RFC 7914",
        arguments: [
            (
                "", "", 4, 1, 1,
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                    + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
            ),
            (
                "password", "NaCl", 10, 8, 16,
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                    + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
            (
                "pleaseletmein", "SodiumChloride", 14, 8, 1,
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                    + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
            ),
        ]
    )
    func vectors(password: String, salt: String, logN: Int, r: Int, p: Int, key: String) throws {
        let cost = try #require(PasswordHash.Cost(logN: logN, r: r, p: p))
        let derived = try PasswordHash.derive(
            [UInt8](password.utf8),
            salt: [UInt8](salt.utf8),
            cost: cost,
            size: 64
        )
        #expect(Hex.encode(derived) == key)
    }

    @Test("makes and verifies at the standard cost, which is above OpenSSL's own memory limit")
    func standard() throws {
        let phc = try PasswordHash.make(password)
        #expect(phc.hasPrefix("$scrypt$ln=15,r=8,p=3$"))
        #expect(phc.utf8.count == 22 + 22 + 1 + 43)
        #expect(try PasswordHash.verify(password, against: phc) == .match(needsRehash: false))
        #expect(try PasswordHash.verify(password, against: PasswordHash.decoy()) == .mismatch)
    }

    @Test("computes the dearest cost it accepts")
    func dearest() throws {
        let cost = try #require(PasswordHash.Cost(logN: 17, r: 8, p: 2))
        #expect(try PasswordHash.derive(password, salt: [], cost: cost, size: 32).count == 32)
    }

    @Test("salts: the same password twice gives two texts, and both match")
    func salts() throws {
        let first = try PasswordHash.make(password, cost: cheap())
        let second = try PasswordHash.make(password, cost: cheap())
        #expect(first != second)
        for phc in [first, second] {
            #expect(try PasswordHash.verify(password, against: phc, wanted: cheap()) == .match(needsRehash: false))
        }
    }

    // But for NULs at the very end: HMAC, inside scrypt, pads its key with them (RFC 2104, section 2).
    @Test("tells passwords apart to the last byte, NUL and all")
    func mismatch() throws {
        let phc = try PasswordHash.make([1, 0, 2], cost: cheap())
        #expect(try PasswordHash.verify([1, 0, 2], against: phc, wanted: cheap()) == .match(needsRehash: false))
        for other in [[1, 0, 3], [1, 0], [1], []] as [[UInt8]] {
            #expect(try PasswordHash.verify(other, against: phc) == .mismatch)
        }
    }

    @Test("asks for a new hash when the cost is not the wanted one")
    func rehash() throws {
        let phc = try PasswordHash.make(password, cost: cheap(p: 2))
        #expect(try PasswordHash.verify(password, against: phc) == .match(needsRehash: true))
        #expect(try PasswordHash.verify(password, against: phc, wanted: cheap()) == .match(needsRehash: true))
        #expect(try PasswordHash.verify([], against: phc) == .mismatch)
    }

    @Test(
        "refuses a cost that would take the machine's memory or its hour",
        arguments: [
            (18, 8, 1), (17, 9, 1), (17, 8, 3), (20, 32, 1), (15, 8, 17), (0, 8, 1), (15, 0, 1), (15, 8, 0), (16, 1, 1),
        ]
    )
    func dear(logN: Int, r: Int, p: Int) {
        #expect(PasswordHash.Cost(logN: logN, r: r, p: p) == nil)
        let phc = PasswordHash.decoy().replacing("ln=15,r=8,p=3", with: "ln=\(logN),r=\(r),p=\(p)")
        #expect(throws: PasswordHash.Failure.malformed) { try PasswordHash.verify([], against: phc) }
    }

    @Test(
        "refuses a stored text in any other spelling",
        arguments: [
            ("$scrypt$", "$argon2id$"), ("ln=15", "ln=+15"), ("ln=15", "ln=015"), ("ln=15", "n=15"),
            ("ln=15,r=8", "r=8,ln=15"), ("p=3", "p=3,x=1"), ("p=3", "p=99999999999999999999"), ("$scrypt", " $scrypt"),
            ("p=3$", "p=3$$"), ("p=3$A", "p=3$"), ("p=3$A", "p=3$="), (",p=3", ""),
        ]
    )
    func malformed(part: String, replacement: String) {
        let phc = PasswordHash.decoy()
        let altered = phc.replacing(part, with: replacement)
        #expect(altered != phc)
        #expect(throws: PasswordHash.Failure.malformed) { try PasswordHash.verify([], against: altered) }
        #expect(throws: PasswordHash.Failure.malformed) { try PasswordHash.verify([], against: phc + "A") }
    }
}
