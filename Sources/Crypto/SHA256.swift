import COpenSSL

/// SHA-256 (FIPS 180-4). A digest is always 32 bytes.
public enum SHA256 {
    public static let size = 32

    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { digest($0) }
    }

    public static func digest(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var stream = Stream()
        stream.update(bytes)
        return stream.finish()
    }

    /// A digest of what arrives in pieces. A value: a copy goes on by itself from where it was taken.
    public struct Stream: Sendable {
        private var state = SHA256_CTX()

        public init() {
            SHA256_Init(&state)
        }

        public mutating func update(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { update($0) }
        }

        public mutating func update(_ bytes: UnsafeRawBufferPointer) {
            SHA256_Update(&state, bytes.baseAddress, bytes.count)
        }

        /// The digest of all that was given so far; more may follow.
        public func finish() -> [UInt8] {
            var last = state
            return [UInt8](unsafeUninitializedCapacity: SHA256.size) { digest, count in
                SHA256_Final(digest.baseAddress, &last)
                count = SHA256.size
            }
        }
    }
}
