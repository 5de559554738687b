/// A key for HMAC-SHA256 (RFC 2104), ready to sign. Every request signs once, to look its API key up.
///
/// The two padded key blocks are hashed when the key is made; signing goes on from copies of those two
/// states. Measured from C for 48 bytes on the 2-core reference machine: 0.1 µs, against 0.2 µs by
/// `HMAC_CTX_copy`, 0.5 µs by `EVP_MAC_CTX_dup` and 1.1 µs by one-shot `HMAC`; 0.2 µs through `sign`, which
/// makes two arrays. It also cannot fail.
public struct HMACKey: Sendable {
    private static let blockSize = 64

    private let inner: SHA256.Stream
    private let outer: SHA256.Stream

    /// Any length will do; what is longer than 64 bytes is hashed first, as the RFC says.
    public init(_ key: [UInt8]) {
        var block = key.count > Self.blockSize ? SHA256.digest(key) : key
        block += [UInt8](repeating: 0, count: Self.blockSize - block.count)
        var inner = SHA256.Stream()
        var outer = SHA256.Stream()
        inner.update(block.map { $0 ^ 0x36 })
        outer.update(block.map { $0 ^ 0x5c })
        self.inner = inner
        self.outer = outer
    }

    /// Derived from a longer-lived secret for one purpose, as ``SealingKey/init(secret:purpose:)`` does.
    public init(secret: [UInt8], purpose: String) {
        let extracted = HMACKey([UInt8](repeating: 0, count: SHA256.size)).sign(secret)
        self.init(SealingKey.expand(extracted, "purser signature: \(purpose)"))
    }

    /// 32 bytes.
    public func sign(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { sign($0) }
    }

    public func sign(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var stream = inner
        stream.update(bytes)
        return seal(stream)
    }

    /// The signature of the parts joined, without joining them: `sign(parts: stamp, dot, body)`.
    public func sign(parts: [UInt8]...) -> [UInt8] {
        var stream = inner
        for part in parts {
            stream.update(part)
        }
        return seal(stream)
    }

    private func seal(_ stream: SHA256.Stream) -> [UInt8] {
        var last = outer
        last.update(stream.finish())
        return last.finish()
    }
}
