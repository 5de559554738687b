import Testing

@testable import Crypto

@Suite("Public keys") struct PublicKeyTests {
    /// RFC 7515, appendices A.2 and A.3; both sign the same claims.
    enum Published {
        static let claims =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        static let rsMessage = Array("eyJhbGciOiJSUzI1NiJ9.\(claims)".utf8)
        static let esMessage = Array("eyJhbGciOiJFUzI1NiJ9.\(claims)".utf8)
        static let modulus = decoded(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT",
            "-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQ",
            "OS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj",
            "8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
        )
        static let exponent: [UInt8] = [1, 0, 1]
        static let rsSignature = decoded(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9u",
            "JdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_e",
            "SN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5",
            "AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        )
        static let x = decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
        static let y = decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
        static let esSignature = decoded(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        )

        static func decoded(_ lines: String...) -> [UInt8] { Base64.decode(lines.joined(), as: .url) ?? [] }
    }

    /// Made by Python's `cryptography`: a key of P-256 and its signature of ``leak``.
    static let pem = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsmbLabRNNvi5UPMQhjDVpQ4sYnRA
        n0kOyY30d4QzdLgj5jjTfmUsjYZh5sVbcHLslQpk0XSLbBFXvZczGprMXg==
        -----END PUBLIC KEY-----
        """
    static let leak = Array(#"[{"token":"leaked","type":"key","url":"https://example.com"}]"#.utf8)
    static let leakSignature =
        Hex.decode(
            "304502204563844d5c21385fd82930a2182b1efc81122d328c936d8b1d0a36d2dc9d1d5e"
                + "022100e6a0fd66cc09ee066f56fdcc3e68ee3e0beb058b80cad3660e712b356459be70"
        ) ?? []

    private func rsa() throws -> PublicKey {
        try #require(PublicKey(modulus: Published.modulus, exponent: Published.exponent))
    }

    private func p256() throws -> PublicKey { try #require(PublicKey(x: Published.x, y: Published.y)) }

    @Test("verify RS256 as in RFC 7515, appendix A.2")
    func rs256() throws {
        let key = try rsa()
        #expect(key.kind == .rsa)
        #expect(key.verifies(Published.rsSignature, of: Published.rsMessage, by: .rs256))
        #expect(!key.verifies(Published.rsSignature, of: Published.esMessage, by: .rs256))
    }

    @Test("verify ES256 as in RFC 7515, appendix A.3")
    func es256() throws {
        let key = try p256()
        #expect(key.kind == .p256)
        #expect(key.verifies(Published.esSignature, of: Published.esMessage, by: .es256))
        #expect(!key.verifies(Published.esSignature, of: Published.rsMessage, by: .es256))
    }

    @Test("verify a signature in DER by a key in PEM, with either line end and with none")
    func secretScanning() throws {
        for text in [Self.pem, Self.pem + "\n", Self.pem.split(separator: "\n").joined(separator: "\r\n")] {
            let key = try #require(PublicKey(pem: text))
            #expect(key.verifies(Self.leakSignature, of: Self.leak, by: .ecdsaDER))
            #expect(!key.verifies(Self.leakSignature, of: Self.leak + [10], by: .ecdsaDER))
        }
    }

    @Test("refuse a signature with any byte altered, cut short or made longer")
    func altered() throws {
        let samples: [(PublicKey, [UInt8], [UInt8], PublicKey.Scheme)] = [
            (try rsa(), Published.rsSignature, Published.rsMessage, .rs256),
            (try p256(), Published.esSignature, Published.esMessage, .es256),
            (try #require(PublicKey(pem: Self.pem)), Self.leakSignature, Self.leak, .ecdsaDER),
        ]
        for (key, signature, message, scheme) in samples {
            for index in signature.indices {
                var altered = signature
                altered[index] ^= 0x10
                #expect(!key.verifies(altered, of: message, by: scheme), "\(scheme), byte \(index)")
            }
            #expect(!key.verifies(Array(signature.dropLast()), of: message, by: scheme))
            #expect(!key.verifies(signature + [0], of: message, by: scheme))
            #expect(!key.verifies([], of: message, by: scheme))
        }
    }

    @Test("refuse a scheme that is not theirs, and one ECDSA form given as the other")
    func schemes() throws {
        #expect(!(try rsa().verifies(Published.rsSignature, of: Published.rsMessage, by: .es256)))
        #expect(!(try p256().verifies(Published.esSignature, of: Published.esMessage, by: .rs256)))
        #expect(!(try p256().verifies(Published.esSignature, of: Published.esMessage, by: .ecdsaDER)))
        let github = try #require(PublicKey(pem: Self.pem))
        #expect(!github.verifies(Self.leakSignature, of: Self.leak, by: .es256))
    }

    @Test("refuse signatures of zeros, which broken verifiers took")
    func zeros() throws {
        let zeros = [UInt8](repeating: 0, count: 64)
        #expect(!(try p256().verifies(zeros, of: Published.esMessage, by: .es256)))
        #expect(!(try rsa().verifies([UInt8](repeating: 0, count: 256), of: Published.rsMessage, by: .rs256)))
    }

    @Test("are not made of weak or foreign material")
    func material() throws {
        #expect(PublicKey(modulus: Array(Published.modulus[..<128]), exponent: [1, 0, 1]) == nil, "1024 bits")
        let long = [UInt8](repeating: 0xFF, count: 513)
        #expect(PublicKey(modulus: long, exponent: [1, 0, 1]) == nil, "4104 bits")
        for exponent: [UInt8] in [[], [1], [3], [1, 0, 0], [1, 0, 1, 0, 1]] {
            #expect(PublicKey(modulus: Published.modulus, exponent: exponent) == nil, "\(exponent)")
        }
        var offCurve = Published.y
        offCurve[31] ^= 1
        #expect(PublicKey(x: Published.x, y: offCurve) == nil)
        #expect(PublicKey(x: Published.x, y: Array(Published.y.dropLast())) == nil)
        #expect(PublicKey(x: [UInt8](repeating: 0, count: 32), y: [UInt8](repeating: 0, count: 32)) == nil)
        #expect(PublicKey(pem: "") == nil)
        #expect(PublicKey(pem: Self.pem.split(separator: "\n").dropLast().joined(separator: "\n")) == nil)
        #expect(PublicKey(spki: []) == nil)
        let spki = try #require(Base64.decode(Self.pem.split(separator: "\n").dropFirst().dropLast().joined()))
        #expect(PublicKey(spki: spki) != nil)
        #expect(PublicKey(spki: spki + [0]) == nil, "something after the key")
    }

    @Test("are not made of a key on another curve")
    func curve() throws {
        // P-384, by Python's `cryptography`.
        let spki = try #require(
            Hex.decode(
                "3076301006072a8648ce3d020106052b810400220362000457cc61a823b39aec311d456c842a8c068939d3c22bc69eda320f"
                    + "c0a9da883fb41eae78786e8ea9ed299f1ea760fde8ec00a8e6a21cdf7224b613035dd7709267d0803e7fcf0d35da8889"
                    + "b80e55a0bc832294abf49d6d76f262053eabd08938dd"
            )
        )
        #expect(PublicKey(spki: spki) == nil)
    }
}
