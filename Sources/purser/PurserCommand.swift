import ArgumentParser
import Glibc
import Portal

@main
struct PurserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purser",
        abstract: "The accounts desk of an API business.",
        version: Purser.version,
        subcommands: [
            ServeCommand.self, MigrateCommand.self, SeedCommand.self, CheckCommand.self, BackupCommand.self,
            UserCommand.self, AccountCommand.self, KeyCommand.self, PlanCommand.self, InvoiceCommand.self,
            UsageCommand.self, BillingCommand.self, CloneCommand.self, ClockCommand.self, AuditCommand.self,
            StripeCommand.self, SimulateCommand.self, DunningCommand.self, StatsCommand.self,
            RoutesCommand.self, OpenAPICommand.self, SQLCommand.self,
        ]
    )
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(help: "File of NAME=value settings; the environment wins over it.")
    var config: String?

    var sources: SettingSources {
        SettingSources(environment: Environment.variables(), file: config ?? Environment.variables()["PURSER_CONFIG"])
    }
}

/// Prints a line to standard error and ends with exit status 1.
struct CommandFault: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) {
        description = "\(error)"
    }

    init(message: String) {
        description = message
    }
}

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Serve until SIGTERM.")

    @OptionGroup var common: CommonOptions

    func run() throws {
        Server.prepare()
        do {
            try Server.run(common.sources)
        } catch {
            throw CommandFault(error)
        }
    }
}

struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "Print the route table: method, path, endpoint, who may, limit, counted as, bytes of body."
    )

    func run() {
        for line in Purser.routeLines() { print(line) }
    }
}

struct OpenAPICommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "openapi", abstract: "Print the OpenAPI 3.1 document.")

    func run() {
        print(Purser.openAPI())
    }
}
