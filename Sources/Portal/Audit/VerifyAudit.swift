import Crypto
import Web

/// `purser audit verify`: whether the chain holds, from the first entry to the last.
struct VerifyAudit: Endpoint {
    struct Input: Codable, Sendable {
        /// `ID:HASH` of an entry, as an earlier run printed it.
        let head: Text<0, 128>?
    }

    struct Answer: JSONOutput {
        let entries: Int64
        let head: String
        let findings: [String]
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let noted = try input.head.map { try parse($0.value) }
        let store = app.store
        return try await OwnThread.run(named: "purser-audit") {
            let check = try store.read(within: 600_000) { db in try AuditCheck.run(noted: noted, db) }
            return Answer(
                entries: check.entries,
                head: "\(check.head.id):\(Hex.encode(check.head.hash))",
                findings: check.findings
            )
        }
    }

    private static func parse(_ text: String) throws -> (id: Int64, hash: [UInt8]) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let id = Int64(parts[0]), let hash = Hex.decode(String(parts[1])) else {
            throw Failure.invalid("head", "must be as an earlier run printed it")
        }
        return (id, hash)
    }
}
