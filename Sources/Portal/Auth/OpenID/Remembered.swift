/// Something that another server publishes and seldom changes, asked for when it is needed and kept meanwhile.
///
/// However many wait for it, it is asked for once. What is older than ``freshFor`` is asked for again in the
/// background; while the other side does not answer, what is known stays in use for ``keptFor``.
actor Remembered<Value: Sendable> {
    /// Microseconds, as all times here.
    private let freshFor: Int64 = 3_600_000_000
    private let keptFor: Int64 = 86_400_000_000
    private let minute: Int64 = 60_000_000
    private let pause: Int64 = 5_000_000

    private let uptime: @Sendable () -> Int64
    private let fetch: @Sendable () async throws -> Value
    private var known: (value: Value, at: Int64)?
    private var failure: (error: any Error, at: Int64)?
    private var asking: Task<Value, any Error>?
    private var missedAt: Int64?

    init(uptime: @escaping @Sendable () -> Int64, fetch: @escaping @Sendable () async throws -> Value) {
        (self.uptime, self.fetch) = (uptime, fetch)
    }

    /// - Throws: why it could not be had, and nothing is known.
    func value() async throws -> Value {
        let now = uptime()
        if let known, now - known.at < keptFor {
            if now - known.at >= freshFor, !isPausing(now) { _ = ask() }
            return known.value
        }
        // Who comes while the other side is down is not made to wait for it again.
        if asking == nil, let failure, isPausing(now) { throw failure.error }
        return try await ask().value
    }

    /// Asks again, at most once a minute, for somebody who missed something in what is known. Nil: no news.
    func news() async -> Value? {
        let now = uptime()
        if let asking { return try? await asking.value }
        if let missedAt, now - missedAt < minute { return nil }
        missedAt = now
        return try? await ask().value
    }

    private func isPausing(_ now: Int64) -> Bool {
        if let failure { now - failure.at < pause } else { false }
    }

    private func ask() -> Task<Value, any Error> {
        if let asking { return asking }
        let task = Task { [fetch] in
            let answer: Result<Value, any Error>
            do { answer = .success(try await fetch()) } catch { answer = .failure(error) }
            keep(answer)
            return try answer.get()
        }
        asking = task
        return task
    }

    private func keep(_ answer: Result<Value, any Error>) {
        asking = nil
        switch answer {
        case .success(let value): (known, failure) = ((value, uptime()), nil)
        case .failure(let error): failure = (error, uptime())
        }
    }
}
