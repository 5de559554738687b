import Web

/// So many requests in so many seconds. A key may have several windows; a request passes all of them or counts in none.
struct RateWindow: Codable, Sendable, Equatable {
    static let most = 8

    let requests: Whole<1, 10_000_000>
    /// Up to 31 days.
    let seconds: Whole<1, 2_678_400>

    /// As stored: `requests/seconds` with spaces between.
    static func read(stored text: String?) -> [RateWindow] {
        guard let text else { return [] }
        return text.split(separator: " ").compactMap { part in
            let numbers = part.split(separator: "/").compactMap { Int64($0) }
            guard numbers.count == 2, let requests = Whole<1, 10_000_000>(numbers[0]),
                let seconds = Whole<1, 2_678_400>(numbers[1])
            else { return nil }
            return RateWindow(requests: requests, seconds: seconds)
        }
    }

    static func stored(_ windows: [RateWindow]) -> String? {
        windows.isEmpty ? nil : windows.map { "\($0.requests.value)/\($0.seconds.value)" }.joined(separator: " ")
    }

    var quota: RateQuota {
        RateQuota("key-\(seconds.value)s", requests: requests.value, windowSeconds: seconds.value)
    }
}
