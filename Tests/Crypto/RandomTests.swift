import Testing

@testable import Crypto

@Suite("Random") struct RandomTests {
    @Test("gives as many bytes as asked, and others the next time")
    func bytes() throws {
        #expect(try Random.bytes(0) == [])
        #expect(try Random.bytes(-1) == [])
        let first = try Random.bytes(32)
        #expect(first.count == 32)
        #expect(try Random.bytes(32) != first)
    }

    @Test("gives base 62 of the length asked", arguments: [0, 1, 30, 62, 1000])
    func base62(count: Int) throws {
        let text = [UInt8](try Random.base62(count).utf8)
        #expect(text.count == count)
        #expect(text.allSatisfy(Base62.alphabet.contains))
    }

    @Test("favours no character of the 62")
    func unbiased() throws {
        var counts: [Character: Int] = [:]
        for character in try Random.base62(62_000) {
            counts[character, default: 0] += 1
        }
        // Taking bytes modulo 62 would give the first eight 1211 instead of 969 (or 1000 when fair). Sound
        // draws leave 1000 ± 32 a character: their chi-squared over 61 degrees passes 160 once in 10^10.
        let chiSquared = Base62.alphabet.reduce(0.0) { sum, byte in
            let excess = Double(counts[Character(Unicode.Scalar(byte)), default: 0]) - 1000
            return sum + excess * excess / 1000
        }
        #expect(chiSquared < 160)
    }
}
