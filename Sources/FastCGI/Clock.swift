import Glibc

/// Time that only goes forward, good to a few milliseconds and cheap enough to ask on every turn.
enum Clock {
    /// Milliseconds since the machine started.
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
