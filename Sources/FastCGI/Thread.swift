import CLinux
import Glibc

/// POSIX threads, with a name and a stack of a given size.
enum Thread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts a thread with every signal masked. `name`: 15 bytes at most; `stack` in bytes.
    static func start(named name: String, stack: Int, _ run: @escaping @Sendable () -> Void) throws -> pthread_t {
        let body = Unmanaged.passRetained(
            Body {
                purser_name_thread(name)
                Signals.blockAll()
                run()
            }
        )
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, stack)
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            &attributes,
            { context in
                context.map { Unmanaged<Body>.fromOpaque($0).takeRetainedValue() }?.run()
                return nil
            },
            body.toOpaque()
        )
        guard code == 0 else {
            body.release()
            throw SystemError("pthread_create", code: code)
        }
        return thread
    }
}
