/// How long requests took, counted in buckets a fixed share apart, so that days and endpoints can be added up and a
/// percentile is off by no more than a tenth.
struct LatencyHistogram: Sendable, Equatable {
    /// Four buckets in each doubling of the microseconds, of equal width.
    static func bucket(of micros: Int64) -> Int {
        let value = UInt64(max(1, micros))
        let exponent = 63 - value.leadingZeroBitCount
        let quarter =
            exponent >= 2 ? Int((value >> UInt64(exponent - 2)) & 3) : Int((value << UInt64(2 - exponent)) & 3)
        return exponent * 4 + quarter
    }

    /// Microseconds from which a bucket counts.
    static func floor(of bucket: Int) -> Double {
        let (exponent, quarter) = bucket.quotientAndRemainder(dividingBy: 4)
        return Double(4 + quarter) / 4 * Double(sign: .plus, exponent: exponent, significand: 1)
    }

    private var counts: [Int: Int64] = [:]

    mutating func add(_ count: Int64, to bucket: Int) {
        counts[bucket, default: 0] += count
    }

    static func += (left: inout LatencyHistogram, right: LatencyHistogram) {
        left.counts.merge(right.counts) { $0 + $1 }
    }

    static func + (left: LatencyHistogram, right: LatencyHistogram) -> LatencyHistogram {
        var sum = left
        sum += right
        return sum
    }

    /// The milliseconds within which a share of the requests were answered; nil without any.
    /// - Parameter share: above 0, at most 1.
    func milliseconds(within share: Double) -> Double? {
        let total = counts.values.reduce(0, +)
        guard total > 0 else { return nil }
        let rank = max(1, (Double(total) * share).rounded(.up))
        var passed = 0.0
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            if passed + Double(count) >= rank {
                // As if the requests of a bucket were spread evenly over it.
                let (low, high) = (Self.floor(of: bucket), Self.floor(of: bucket + 1))
                let micros = low + (high - low) * (rank - passed) / Double(count)
                return (micros / 10).rounded() / 100
            }
            passed += Double(count)
        }
        return nil
    }
}
