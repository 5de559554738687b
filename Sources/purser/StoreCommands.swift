import ArgumentParser
import Glibc
import Portal

extension CommonOptions {
    /// Sends a command and returns its answer.
    /// - Throws: ``CommandFault`` with the refusal's sentence.
    func call(_ call: ShellCall) throws -> ShellCall.Answer {
        let answer: ShellCall.Answer
        do {
            answer = try call.send(sources)
        } catch {
            throw CommandFault(error)
        }
        guard answer.isSuccess else { throw CommandFault(message: answer.message) }
        return answer
    }
}

struct MigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring the store's schema up to date. The running Purser has done so at its start."
    )

    @OptionGroup var common: CommonOptions

    func run() throws {
        // Opening the store migrates it; a running Purser has opened it.
        let answer = try common.call(ShellCall("GET", "/control/schema"))
        print("The schema is up to date: \(answer.text("steps") ?? "?") steps.")
    }
}

struct SeedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Fill an empty store with a business to look at, and print its sign-ins."
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let answer = try common.call(ShellCall("POST", "/control/seed"))
        print(json ? answer.body : answer.signInTable)
    }
}

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Print the settings in force and whether store and ledger are sound; exit status 1 when not."
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        do {
            if !json { for line in try Purser.settingLines(common.sources) { print(line) } }
        } catch {
            throw CommandFault(error)
        }
        let answer = try common.call(ShellCall("GET", "/control/check"))
        let findings = answer.texts("findings")
        if json {
            print(answer.body)
        } else {
            print("\n\(answer.text("payments") ?? "")\n\(answer.text("mail") ?? "")")
            print(
                "\(answer.text("accounts") ?? "0") accounts; outbox: \(answer.text("outbox_waiting") ?? "0") waiting, "
                    + "\(answer.text("outbox_failed") ?? "0") given up"
            )
            for warning in answer.texts("warnings") { print(warning) }
            print(findings.isEmpty ? "Store and ledger are sound." : findings.joined(separator: "\n"))
        }
        if !findings.isEmpty { throw ExitCode.failure }
    }
}

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Write a consistent, verified copy of the store to FILE, while serving."
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "A file that does not exist yet. The running Purser writes it, so it must be able to.")
    var file: String

    func run() throws {
        let path = file.hasPrefix("/") ? file : "\(Environment.workingFolder)/\(file)"
        let answer = try common.call(ShellCall("POST", "/control/backup", fields: [("path", path)]))
        print("\(answer.text("path") ?? path): \(answer.text("bytes") ?? "?") bytes, verified")
    }
}

struct SQLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Open sqlite3's shell on the store, read-only."
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "A statement to run; without one the shell asks.")
    var statement: [String] = []

    func run() throws {
        do {
            let path = try Purser.databasePath(common.sources)
            // Becomes the shell: nothing of ours may have the file open beside it. It must neither write nor
            // checkpoint, or it would be the second connection that Debian's SQLite must not have.
            let arguments = ["sqlite3", "-readonly", "-cmd", "PRAGMA query_only=ON", path] + statement
            var pointers = arguments.map { strdup($0) }
            pointers.append(nil)
            execvp("sqlite3", pointers)
            throw CommandFault(message: "cannot start sqlite3: \(String(cString: strerror(errno)))")
        } catch {
            throw error is CommandFault ? error : CommandFault(error)
        }
    }
}
