/// Keeps a lane from waiting, request after request, for a peer that is down.
///
/// Closed until so many failures in a row; then open: everything is refused for a while. After that it is
/// half open: one request is let through. Its success closes the breaker; its failure opens it again for twice as long.
/// A value without a clock: the caller says what time it is, in milliseconds that never go back.
public struct Breaker: Sendable {
    public struct Settings: Sendable, Equatable {
        /// Failures in a row that open it.
        public var failures: Int
        /// Milliseconds it first stays open.
        public var opensFor: Int64
        /// Milliseconds it stays open at most, however often the half-open try fails.
        public var atMost: Int64

        public init(failures: Int = 5, opensFor: Int64 = 5000, atMost: Int64 = 60_000) {
            self.failures = max(1, failures)
            self.opensFor = min(max(1, opensFor), Self.day)
            self.atMost = min(max(self.opensFor, atMost), Self.day)
        }

        private static let day: Int64 = 86_400_000

        /// Never opens: for a lane to many peers, where one that is down says nothing about the others.
        public static let never = Settings(failures: .max)
    }

    public enum Admission: Sendable, Equatable {
        /// Go, and `record` how it went.
        case pass(Permit)
        /// Milliseconds until it is worth asking again.
        case refuse(retryAfter: Int64)
    }

    /// Ties a result to the state the request was let through in: one that began before the breaker opened
    /// says nothing about the peer now.
    public struct Permit: Sendable, Equatable {
        fileprivate let generation: Int
    }

    private enum State {
        case closed(failures: Int)
        case open(until: Int64, span: Int64)
        case halfOpen(span: Int64)
    }

    private let settings: Settings
    private var state = State.closed(failures: 0)
    /// Counts the passages from one kind of state to another.
    private var generation = 0

    public init(_ settings: Settings = Settings()) {
        self.settings = settings
    }

    /// Milliseconds until a request has a chance; `nil` if it has one now. Changes nothing.
    public func refusal(at now: Int64) -> Int64? {
        switch state {
        case .closed: nil
        case .open(let until, _): until > now ? until - now : nil
        case .halfOpen: settings.opensFor
        }
    }

    public mutating func admit(at now: Int64) -> Admission {
        if let wait = refusal(at: now) { return .refuse(retryAfter: wait) }
        if case .open(_, let span) = state { enter(.halfOpen(span: span)) }
        return .pass(Permit(generation: generation))
    }

    public mutating func record(_ permit: Permit, succeeded: Bool, at now: Int64) {
        guard permit.generation == generation else { return }
        switch state {
        case .closed where succeeded:
            state = .closed(failures: 0)
        case .closed(let failures) where failures + 1 < settings.failures:
            state = .closed(failures: failures + 1)
        case .closed:
            enter(.open(until: now + settings.opensFor, span: settings.opensFor))
        case .halfOpen where succeeded:
            enter(.closed(failures: 0))
        case .halfOpen(let last):
            let span = min(last * 2, settings.atMost)
            enter(.open(until: now + span, span: span))
        case .open:
            break
        }
    }

    private mutating func enter(_ next: State) {
        state = next
        generation += 1
    }
}
