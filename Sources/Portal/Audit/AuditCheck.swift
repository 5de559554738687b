import Crypto
import Storage

/// Walks the whole chain of the audit log.
struct AuditCheck {
    private(set) var entries: Int64 = 0
    /// The last entry's id and hash; what a sysadmin notes down elsewhere, for who writes to the file could write a
    /// whole new chain.
    private(set) var head: (id: Int64, hash: [UInt8]) = (0, Audit.genesis)
    /// Sentences, the first ones of many.
    private(set) var findings: [String] = []

    private static let findingsAtMost = 20

    /// - Parameter noted: an earlier head, which must still be there.
    static func run(noted: (id: Int64, hash: [UInt8])? = nil, _ db: borrowing Database) throws -> AuditCheck {
        var check = AuditCheck()
        var isThere = noted == nil
        try Audit.each(db) { entry, hash in
            if hash != Audit.hash(of: entry, after: check.head.hash) {
                check.find(
                    "the audit log breaks at entry \(entry.id): it was changed or added, or one before it was taken out"
                )
            }
            check.entries += 1
            check.head = (entry.id, hash)
            if let noted, noted.id == entry.id { isThere = noted.hash == hash }
        }
        let last = try Audit.head(db) ?? (0, Audit.genesis)
        if last != check.head {
            check.find("the audit log ends at entry \(check.head.id), and was written up to entry \(last.id)")
        }
        if let noted, !isThere { check.find("entry \(noted.id) of the audit log is not the one that was noted down") }
        return check
    }

    private mutating func find(_ sentence: String) {
        if findings.count < Self.findingsAtMost { findings.append(sentence) }
    }
}
