/// The CRC-32 of Ethernet, zip and PNG (reflected polynomial EDB88320). It finds typing errors, not forgers.
public enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
        }
    }

    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        Array(bytes).withUnsafeBufferPointer { checksum(of: $0) }
    }

    /// The same for bytes in one place: each request's key passes here, and a generic loop takes ten times as long.
    public static func checksum(of bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var sum: UInt32 = 0xFFFF_FFFF
            for byte in bytes { sum = table[Int((sum ^ UInt32(byte)) & 0xFF)] ^ (sum >> 8) }
            return ~sum
        }
    }
}
