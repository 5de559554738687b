import Synchronization

/// The jobs that wait for a worker, and who must be woken for them.
///
/// One lock holds the jobs, the number of resting workers and whether a wake-up is under way, so that none is
/// lost: a worker that finds no job counts as resting before the lock is released, and whoever adds a job sees
/// that. At most one wake-up is under way at a time; the worker it reaches passes it on if jobs remain.
final class JobQueue<Job: Sendable>: Sendable {
    private struct State {
        var jobs = Ring<Job>()
        var resting = 0
        var wakeUnderWay = false
        var taken = 0

        /// Answers true, once, if a resting worker must be woken for the jobs that are left.
        mutating func mustWake() -> Bool {
            guard resting > 0, !wakeUnderWay, !jobs.isEmpty else { return false }
            wakeUnderWay = true
            return true
        }
    }

    private let state = Mutex(State())

    /// Adds a job; answers whether the caller must wake a worker.
    func push(_ job: Job) -> Bool {
        state.withLock { state in
            state.jobs.append(job)
            return state.mustWake()
        }
    }

    /// The next job for a worker, and whether it must wake another one. With no job, the worker rests from here
    /// on, until `awake`.
    func next() -> (job: Job, wakeAnother: Bool)? {
        state.withLock { state in
            guard let job = state.jobs.popFirst() else {
                state.resting += 1
                return nil
            }
            state.taken &+= 1
            return (job, state.mustWake())
        }
    }

    /// A worker rests no longer; `byWakeUp` says that the wake-up under way is what reached it.
    func awake(byWakeUp: Bool) {
        state.withLock { state in
            state.resting -= 1
            if byWakeUp { state.wakeUnderWay = false }
        }
    }

    /// How many workers wait for something to do.
    var resting: Int { state.withLock { $0.resting } }
    /// How many jobs have been handed out since the start.
    var taken: Int { state.withLock { $0.taken } }
}

/// A first-in, first-out ring that doubles when it is full.
private struct Ring<Element> {
    private var slots = [Element?](repeating: nil, count: 64)
    private var head = 0
    private var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: Element) {
        if count == slots.count { grow() }
        slots[(head + count) & (slots.count - 1)] = job
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        defer {
            head = (head + 1) & (slots.count - 1)
            count -= 1
        }
        return slots[head]
    }

    private mutating func grow() {
        slots = slots[head...] + slots[..<head] + [Element?](repeating: nil, count: slots.count)
        head = 0
    }
}
