import Glibc

/// Reads a password where nobody can see it: neither in an argument list nor on the terminal.
enum PasswordPrompt {
    /// On a terminal it asks twice without an echo; else it takes the first line of standard input.
    /// - Throws: ``CommandFault``.
    static func read() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else {
            guard let line = readLine(), !line.isEmpty else {
                throw CommandFault(message: "no password on standard input")
            }
            return line
        }
        let first = try ask("Password: ")
        guard try ask("Again: ") == first else { throw CommandFault(message: "the two are not the same") }
        guard !first.isEmpty else { throw CommandFault(message: "no password was given") }
        return first
    }

    private static func ask(_ question: String) throws -> String {
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else { throw CommandFault(message: "cannot read from the terminal") }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // Before the question: who is quick to answer must not be shown, nor have the answer thrown away.
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        write(STDERR_FILENO, question, question.utf8.count)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            write(STDERR_FILENO, "\n", 1)
        }
        return readLine() ?? ""
    }
}
