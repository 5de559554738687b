import CLinux
import Glibc

/// A thread that hashes one password and ends. Making it costs some 30 µs, the hash a third of a second.
enum PasswordThread {
    struct Unavailable: Error {
        let code: Int32
    }

    private final class Work {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// - Throws: ``Unavailable`` when the system has no thread to give.
    static func start(_ run: @escaping @Sendable () -> Void) throws {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let work = Unmanaged.passRetained(Work(run))
        var thread = pthread_t()
        // Signals stay masked: the mask is the maker's.
        let code = pthread_create(
            &thread,
            &attributes,
            { context in
                guard let context else { return nil }
                let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                purser_name_thread("purser-password")
                PasswordThread.stepBack()
                work.run()
                return nil
            },
            work.toOpaque()
        )
        guard code == 0 else {
            work.release()
            throw Unavailable(code: code)
        }
    }

    /// Lets the workers and the writer go first. On a full machine (2 processors, wrk without a pause) reads went from
    /// 16,000 to 22,000 a second by it; at 19, or under SCHED_IDLE, sign-ins came to half as many or fewer.
    ///
    /// It counts for no more than that: where the kernel groups processes by session or service, nginx is in another
    /// group, to which this process weighs the same. What helps there is ``PasswordLane/runningAtMost(processors:)``.
    private static func stepBack() {
        // On Linux for the calling thread alone. Where a filter of system calls refuses it, all goes on as it was.
        _ = nice(10)
    }
}
