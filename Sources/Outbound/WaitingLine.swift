import Glibc

/// What waits for a thread of the lane: first come, first served, and no more than so many.
final class WaitingLine: @unchecked Sendable {  // the lock guards all
    typealias Continuation = CheckedContinuation<OutboundResponse, any Error>

    /// Tells one waiting request from another.
    final class Ticket: Sendable {}

    struct Waiting {
        let ticket: Ticket
        let parcel: Parcel
        /// On the lane's clock, milliseconds.
        let deadline: Int64
        let continuation: Continuation
    }

    private let limit: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var line: [Waiting] = []
    private var idleThreads = 0
    private var isClosed = false

    init(limit: Int) {
        self.limit = limit
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    /// Takes it, or says why not.
    func push(_ waiting: Waiting) -> OutboundError? {
        locked {
            if isClosed { return .closed }
            // A request that an idle thread is about to fetch does not wait.
            guard line.count < limit + idleThreads else { return .overloaded }
            line.append(waiting)
            pthread_cond_signal(arrival)
            return nil
        }
    }

    /// Blocks until there is a request; `nil` once the line is closed.
    func next() -> Waiting? {
        locked {
            idleThreads += 1
            defer { idleThreads -= 1 }
            while line.isEmpty && !isClosed { pthread_cond_wait(arrival, mutex) }
            return isClosed ? nil : line.removeFirst()
        }
    }

    /// The request of that ticket, if it still waited; it does no longer.
    func withdraw(_ ticket: Ticket) -> Waiting? {
        locked {
            line.firstIndex { $0.ticket === ticket }.map { line.remove(at: $0) }
        }
    }

    /// Lets nobody in any more and sends the threads home; gives back those who waited.
    func close() -> [Waiting] {
        locked {
            isClosed = true
            pthread_cond_broadcast(arrival)
            defer { line = [] }
            return line
        }
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
