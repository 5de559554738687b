import Testing

/// One after another: they share the process's descriptors, signals and libfcgi, and block their threads.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct FastCGITests {}
