import Testing

@testable import Portal

@Suite("A latency histogram")
struct LatencyHistogramTests {
    private func histogram(_ micros: some Sequence<Int64>) -> LatencyHistogram {
        var histogram = LatencyHistogram()
        for value in micros { histogram.add(1, to: LatencyHistogram.bucket(of: value)) }
        return histogram
    }

    @Test("has a bucket for every time, in order, each holding what it begins with")
    func buckets() {
        var last = -1
        for micros in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 1000, 1_000_000, 60_000_000, Int64.max] {
            let bucket = LatencyHistogram.bucket(of: micros)
            #expect(bucket >= last)
            #expect(LatencyHistogram.floor(of: bucket) <= Double(max(1, micros)))
            #expect(LatencyHistogram.floor(of: bucket + 1) >= Double(max(1, micros)))
            last = bucket
        }
        #expect(LatencyHistogram.bucket(of: -5) == LatencyHistogram.bucket(of: 1))
    }

    @Test("gives percentiles within a tenth", arguments: [0.5, 0.95, 0.99])
    func percentiles(share: Double) throws {
        var dice = SeededDice(for: "latency percentiles")
        let values = (0..<5000).map { _ in Int64(dice.roll(200...400)) * Int64(dice.roll(1...50)) }.sorted()
        let exact = Double(values[Int((Double(values.count) * share).rounded(.up)) - 1]) / 1000
        let found = try #require(histogram(values).milliseconds(within: share))
        #expect(abs(found - exact) <= exact / 10, "seed \(dice.seed): \(found) for \(exact)")
    }

    @Test("adds up, and says nothing of nothing")
    func sums() {
        #expect(LatencyHistogram().milliseconds(within: 0.5) == nil)
        let both = histogram([100, 100]) + histogram([900_000])
        #expect(both == histogram([900_000, 100, 100]))
        #expect(both.milliseconds(within: 0.99) ?? 0 > 700)
    }
}
