import Testing

@testable import Crypto

@Suite("One-time passwords by time")
struct TOTPTests {
    private let seed = Array("12345678901234567890".utf8)

    /// The last six of the eight digits that RFC 6238 prints in its appendix B.
    @Test(
        "are those of RFC 6238, appendix B",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)]
    )
    func vectors(seconds: Int64, code: String) throws {
        #expect(try TOTP.code(seed, step: TOTP.step(at: seconds)) == code)
    }

    @Test("are taken one step early and one step late, and no further", arguments: [-2, -1, 0, 1, 2] as [Int64])
    func window(drift: Int64) throws {
        let step = TOTP.step(at: 1_234_567_890)
        let code = try TOTP.code(seed, step: step + drift)
        let match = try TOTP.match(code, seed, at: 1_234_567_890, after: 0)
        #expect(match == (abs(drift) <= 1 ? step + drift : nil))
    }

    @Test("count once, and so do those before")
    func once() throws {
        let now = Int64(1_234_567_890)
        let step = TOTP.step(at: now)
        for old in [step - 1, step] {
            #expect(try TOTP.match(try TOTP.code(seed, step: old), seed, at: now, after: step) == nil)
        }
        #expect(try TOTP.match(try TOTP.code(seed, step: step + 1), seed, at: now, after: step) == step + 1)
    }

    @Test("are nothing else", arguments: ["", "5924", "05924", "0005924", "00592 4", "००५९२४"])
    func others(code: String) throws {
        #expect(try TOTP.match(code, seed, at: 1_234_567_890, after: 0) == nil)
    }

    /// RFC 2202, section 3, test cases 1, 2 and 6 (a key longer than a block).
    @Test("rest on HMAC-SHA-1 as RFC 2202 has it")
    func macs() throws {
        let long = [UInt8](repeating: 0xaa, count: 80)
        let cases: [([UInt8], String, String)] = [
            ([UInt8](repeating: 0x0b, count: 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
            (Array("Jefe".utf8), "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
            (
                long, "Test Using Larger Than Block-Size Key - Hash Key First",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112"
            ),
        ]
        for (key, text, mac) in cases {
            #expect(try Hex.encode(TOTP.hmacSHA1(key, Array(text.utf8))) == mac)
        }
    }

    /// RFC 4648, section 10, without the padding.
    @Test(
        "have seeds in the base 32 of RFC 4648",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ]
    )
    func base32(text: String, encoded: String) {
        #expect(Base32.encode(Array(text.utf8)) == encoded)
    }
}
