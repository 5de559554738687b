/// When a delivery that failed is tried again (Standard Webhooks 1.0.0, with its table).
enum WebhookSchedule {
    /// Seconds from each attempt to the next: 75 hours in all.
    static let pauses: [Int64] = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    static let attemptsAtMost = pauses.count + 1
    /// No receiver may ask for a longer pause.
    static let longestPause: Int64 = 86_400
    /// For those who are overloaded and do not say for how long (429, 502, 504).
    static let plainPause: Int64 = 5

    /// Up to a tenth later, so that what failed together does not come back together.
    /// - Parameters:
    ///   - attempts: made so far, at least 1.
    ///   - retryAfter: seconds that the receiver asked for.
    ///   - chance: 0 to 255.
    /// - Returns: nil when that was the last.
    static func next(
        after attempts: Int64,
        at now: Timestamp,
        retryAfter: Int64?,
        chance: UInt8
    ) -> Timestamp? {
        guard attempts >= 1, attempts < attemptsAtMost else { return nil }
        let pause = max(pauses[Int(attempts) - 1], min(longestPause, retryAfter ?? 0)) * 1000
        return Timestamp(milliseconds: now.milliseconds + pause + pause / 10 * Int64(chance) / 255)
    }
}
