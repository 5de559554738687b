import CFastCGI
import Glibc

/// libfcgi as a whole: set up once in the life of the process.
enum Library {
    /// `FCGX_Init`'s answer: 0 when the library may be used.
    static let status: Int32 = {
        // Read once, inside FCGX_Init: how long, in milliseconds, it waits for a peer to close its side after
        // we have closed ours, and for a first byte. Both are two seconds by default, of a worker's time.
        setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "100", 0)
        setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", "100", 0)
        // It takes over these two, and SIGPIPE; they are for whoever waits for signals.
        let signals = [SIGTERM, SIGUSR1]
        let before = signals.map { signal in
            var action = sigaction()
            sigaction(signal, nil, &action)
            return action
        }
        let status = FCGX_Init()
        for (signal, var action) in zip(signals, before) { sigaction(signal, &action, nil) }
        signal(SIGPIPE, SIG_IGN)
        return status
    }()
}
