/// A key for ``SealedSecret``, derived from a longer-lived secret for one purpose by HKDF-SHA256 (RFC 5869), so that
/// what was sealed for one purpose cannot be opened, or passed off, as sealed for another.
public struct SealingKey: Sendable {
    static let size = 32
    static let idSize = 4

    let bytes: [UInt8]
    /// Tells keys apart without giving anything of them away.
    let id: [UInt8]

    /// - Parameters:
    ///   - secret: 128 bits of entropy or more, such as a credential.
    ///   - purpose: names what is sealed, as `totp`.
    public init(secret: [UInt8], purpose: String) {
        let extracted = HMACKey([UInt8](repeating: 0, count: SHA256.size)).sign(secret)
        bytes = Self.expand(extracted, "purser sealed secret: \(purpose)")
        id = Array(Self.expand(extracted, "purser sealing key id: \(purpose)").prefix(Self.idSize))
    }

    /// The first block of HKDF's output, which is all that a key of 32 bytes takes.
    static func expand(_ extracted: [UInt8], _ info: String) -> [UInt8] {
        HMACKey(extracted).sign(parts: Array(info.utf8), [1])
    }
}
