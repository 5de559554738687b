import Synchronization

/// What other threads have for a courier's thread.
final class CourierInbox: Sendable {
    typealias Continuation = CheckedContinuation<OutboundResponse, any Error>

    /// Tells one errand from another.
    final class Ticket: Sendable {}

    struct Errand: Sendable {
        let ticket: Ticket
        let request: OutboundRequest
        let destination: Destination
        /// Whose quota and breaker it goes by.
        let receiver: String
        /// On the courier's clock, milliseconds.
        let deadline: Int64
        let continuation: Continuation
    }

    enum Note: Sendable {
        case errand(Errand)
        case withdrawal(Ticket)
        case finding(name: String, NameBook.Finding)
    }

    private struct State {
        var notes: [Note] = []
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())
    private let errands = Atomic(0)
    let multi: Multi

    init(limit: Int, _ multi: Multi) {
        (self.limit, self.multi) = (limit, multi)
    }

    /// Takes an errand, or says why not.
    func push(_ errand: Errand) -> OutboundError? {
        guard errands.add(1, ordering: .relaxed).newValue <= limit else {
            errands.subtract(1, ordering: .relaxed)
            return .overloaded
        }
        guard push(.errand(errand)) else {
            errands.subtract(1, ordering: .relaxed)
            return .closed
        }
        return nil
    }

    /// - Returns: false once closed.
    @discardableResult
    func push(_ note: Note) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isClosed { state.notes.append(note) }
            return !state.isClosed
        }
        multi.wake()
        return isTaken
    }

    /// An errand has come to its end and makes room for another.
    func finishOne() {
        errands.subtract(1, ordering: .relaxed)
    }

    func take() -> (notes: [Note], isClosed: Bool) {
        state.withLock { state in
            defer { state.notes = [] }
            return (state.notes, state.isClosed)
        }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        multi.wake()
    }
}
