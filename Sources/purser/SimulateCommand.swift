import ArgumentParser
import FoundationEssentials
import Portal

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "What past use would have cost under other prices.",
        discussion: """
            FILE holds JSON: {"prices": {"currency": "usd", "items": [...]}} or {"plan": "pro", "currency": "usd"};
            with "interval" (week, month or year), "from", "to" (days) and "account_ids" as you like.
            """
    )

    @OptionGroup var options: ShellOptions

    @Argument(help: "What to simulate; - reads standard input.")
    var file: String

    @Flag(help: "Print every account as comma-separated values.")
    var csv = false

    func run() throws {
        let path = file == "-" ? "/dev/stdin" : file
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFault(message: "cannot read \(file)")
        }
        let call = try ShellCall(
            "POST",
            csv ? "/control/simulate/csv" : "/control/simulate",
            json: String(decoding: data, as: UTF8.self)
        )
        if csv {
            print(try options.common.call(call).text("csv") ?? "", terminator: "")
            return
        }
        try options.run(call) { answer in
            let totals = ["accounts", "left_out", "currency", "from", "to", "before", "after", "difference", "note"]
            let rows = answer.rows("data", ["account_id", "name", "before", "after", "difference"])
            return TextTable.text(totals.map { (name: $0, text: answer.text($0) ?? "") }) + "\n\n"
                + TextTable.text(["ID", "NAME", "BEFORE", "AFTER", "DIFFERENCE"], rows)
        }
    }
}
