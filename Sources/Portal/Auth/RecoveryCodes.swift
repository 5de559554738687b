import Crypto
import Storage

/// Codes that stand in for a lost authenticator, each once. Every statement on `recovery_code` is in this file.
///
/// 120 random bits each (ASVS 5.0, 6.5.2), so a plain digest keeps them.
enum RecoveryCodes {
    static let count = 10

    /// Ten codes as they are shown, once: `ABCD-EFGH-…`, six groups of base 32.
    static func make(_ app: App) throws -> [String] {
        try (0..<count).map { _ in
            let text = Array(Base32.encode(try app.random(15)))
            return stride(from: 0, to: text.count, by: 4).map { String(text[$0..<min($0 + 4, text.count)]) }
                .joined(separator: "-")
        }
    }

    /// In place of those before.
    static func replace(_ codes: [String], of personID: Int64, _ db: borrowing Database) throws {
        try deleteAll(of: personID, db)
        for code in codes {
            try db.run(
                "INSERT INTO recovery_code (person_id, digest) VALUES (?, ?)",
                personID,
                digest(code.filter { $0 != "-" })
            )
        }
    }

    /// - Parameter code: without hyphens, in either case.
    static func take(_ code: String, of personID: Int64, at now: Timestamp, _ db: borrowing Database) throws -> Bool {
        try db.run(
            "UPDATE recovery_code SET used_at = ? WHERE person_id = ? AND digest = ? AND used_at IS NULL",
            now.milliseconds,
            personID,
            digest(code)
        ) > 0
    }

    /// Those not used yet.
    static func left(of personID: Int64, _ db: borrowing Database) throws -> Int64 {
        try db.value("SELECT count(*) FROM recovery_code WHERE person_id = ? AND used_at IS NULL", personID) ?? 0
    }

    static func deleteAll(of personID: Int64, _ db: borrowing Database) throws {
        try db.run("DELETE FROM recovery_code WHERE person_id = ?", personID)
    }

    private static func digest(_ code: String) -> [UInt8] { SHA256.digest(Array(code.uppercased().utf8)) }
}
