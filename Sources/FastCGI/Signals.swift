import Glibc

/// Signals go to one thread, which waits for them: libfcgi does not retry a call that a signal interrupted.
public enum Signals {
    /// Masks every signal in this thread and in all that it starts: call it first in `main`. Faults stay
    /// unmasked, so that a crash still reports itself.
    public static func blockAll() {
        var all = sigset_t()
        sigfillset(&all)
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&all, fault) }
        pthread_sigmask(SIG_BLOCK, &all, nil)
    }

    /// Waits until one of `signals`, all of them masked by `blockAll`, arrives, and answers which.
    public static func wait(for signals: Set<Int32>) -> Int32 {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        var arrived: Int32 = 0
        while sigwait(&set, &arrived) != 0 {}
        return arrived
    }
}
