import Glibc

private final class Start {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

/// Starts a thread that takes no signals: those are one other thread's business.
/// - Parameter name: at most 15 bytes, as `ps -L` shows it.
func spawn(_ name: String, _ body: @escaping () -> Void) throws -> pthread_t {
    var every = sigset_t()
    var before = sigset_t()
    sigfillset(&every)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    // Decoders recurse inside a write's body; only what is touched costs memory.
    pthread_attr_setstacksize(&attributes, 4 << 20)
    let start = Unmanaged.passRetained(
        Start {
            rename(name)
            body()
        }
    )
    var thread = pthread_t()
    // A new thread inherits the mask, so there is no moment in which it could be chosen for a signal.
    pthread_sigmask(SIG_SETMASK, &every, &before)
    let code = pthread_create(
        &thread,
        &attributes,
        { context in
            if let context { Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        },
        start.toOpaque()
    )
    pthread_sigmask(SIG_SETMASK, &before, nil)
    guard code == 0 else {
        start.release()
        throw StoreError.system(call: "pthread_create", errno: code)
    }
    return thread
}

/// Names the calling thread. `pthread_setname_np` is a GNU extension, which Swift's Glibc leaves out.
private func rename(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, name, name.utf8.count)
    close(file)
}
