import CLinux
import Glibc

/// A thread of its own for calls that block: named, without signals, with 1 MiB of stack.
enum LaneThread {
    private final class Work {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// Linux shows the first 15 bytes of the name. Throws `OutboundError.unreachable` when the
    /// system has no thread to give.
    static func start(name: String, _ run: @escaping @Sendable () -> Void) throws {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, 1 << 20)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))

        // A thread starts with its maker's mask. Signals are for the one thread that waits for them.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

        let work = Unmanaged.passRetained(Work(name: name, run: run))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            &attributes,
            { context in
                guard let context else { return nil }
                let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                LaneThread.takeName(work.name)
                work.run()
                return nil
            },
            work.toOpaque()
        )
        guard code == 0 else {
            work.release()
            throw OutboundError.unreachable("no thread: " + String(cString: strerror(code)))
        }
    }

    /// By the file, for `pthread_setname_np` and `prctl` are out of Swift's reach. It cuts what is too long.
    private static func takeName(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = write(file, name, name.utf8.count)
        close(file)
    }
}
