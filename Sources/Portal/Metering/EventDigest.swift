import Crypto

/// Stands for a set of usage events on an invoice: whoever has the events can compute it again, in any order, and a
/// set that lacks one, or holds one that was altered, has another.
///
/// Four sums, modulo 2^32, of the four big-endian 32-bit words that each event's SHA-256 begins with. Sums can be added
/// and taken from each other, so totals keep them as they keep quantities, and an invoice over a million events reads
/// a few rows.
struct EventDigest: Sendable, Equatable {
    /// Not reduced: 2^31 events fit.
    var words: SIMD4<Int64> = .zero

    init(words: SIMD4<Int64> = .zero) {
        self.words = words
    }

    /// Of one event. What is hashed: id, account, quantity, unit price in millionths, when it happened and when it was
    /// recorded, both in milliseconds since 1970, each as eight bytes, the least significant first; then meter, backend
    /// and the client's own id (empty without), in UTF-8, each ended by a zero byte.
    init(of event: Event) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128)
        for number in [
            event.id, event.accountID, event.quantity, event.unitMicros, event.occurredAt, event.recordedAt,
        ] {
            withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        for text in [event.meter, event.backend, event.eventKey ?? ""] {
            bytes.append(contentsOf: text.utf8)
            bytes.append(0)
        }
        let hash = SHA256.digest(bytes)
        for word in 0..<4 {
            words[word] = hash[word * 4..<word * 4 + 4].reduce(0) { $0 << 8 | Int64($1) }
        }
    }

    /// What is hashed of an event, as its row has it.
    struct Event {
        let id: Int64
        let accountID: Int64
        let meter: String
        let backend: String
        let quantity: Int64
        let unitMicros: Int64
        let occurredAt: Int64
        let recordedAt: Int64
        let eventKey: String?
    }

    static func += (sum: inout EventDigest, other: EventDigest) { sum.words &+= other.words }
    static func - (all: EventDigest, part: EventDigest) -> EventDigest { EventDigest(words: all.words &- part.words) }

    /// 32 hexadecimal digits.
    var text: String {
        (0..<4).map { word in
            Hex.encode(withUnsafeBytes(of: UInt32(truncatingIfNeeded: words[word]).bigEndian) { Array($0) })
        }.joined()
    }
}
