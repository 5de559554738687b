import Glibc
import Testing

@testable import Portal

@Suite("The statements of the partner program's reports")
struct ReportPlanTests {
    /// How SQLite goes about a statement, by its own shell.
    private static func plan(of statement: String, in unit: UnitStore) throws -> ArraySlice<Substring> {
        let quoted = "EXPLAIN QUERY PLAN \(statement)".split(separator: "'", omittingEmptySubsequences: false)
        let command = "sqlite3 -readonly \(unit.folder)/purser.db '\(quoted.joined(separator: "'\\''"))'"
        guard let pipe = popen(command, "re") else { throw Missing() }
        var text: [UInt8] = []
        while case let byte = fgetc(pipe), byte >= 0 { text.append(UInt8(truncatingIfNeeded: byte)) }
        guard pclose(pipe) == 0 else { throw Missing() }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").dropFirst()
    }

    @Test(
        "find all they read by an index",
        arguments: ["CampaignCounts.swift", "CampaignEdges.swift", "CallReport.swift"]
    )
    func indexed(file: String) throws {
        let unit = try UnitStore()
        let source = try #require(House.sources.first { $0.name == file })
        let statements = source.statements.filter { !$0.contains("INSERT") }
        #expect(!statements.isEmpty)
        for statement in statements {
            let steps = try Self.plan(of: statement, in: unit)
            #expect(steps.contains { $0.contains("SEARCH") }, "\(statement): \(steps)")
            #expect(!steps.contains { $0.contains("SCAN") }, "\(statement): \(steps)")
        }
    }

    @Test("count clicks and codes from the index alone")
    func covered() throws {
        let unit = try UnitStore()
        let source = try #require(House.sources.first { $0.name == "CampaignEdges.swift" })
        let steps = try Self.plan(of: try #require(source.statements.first), in: unit)
        for table in ["SEARCH referral ", "SEARCH referral_click "] {
            let step = try #require(steps.first { $0.contains(table) })
            #expect(step.contains("COVERING INDEX"))
        }
    }
}
