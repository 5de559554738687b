import CSQLite
import Glibc

/// Something about a store that is not as it must be.
public struct Finding: Sendable, Equatable {
    public enum Subject: String, Sendable { case setting, integrity, foreignKey, log }

    public let subject: Subject
    public let message: String
}

/// Reads the whole database; takes as long as that takes, on a connection of its own.
struct Check {
    let settings: StoreSettings

    /// A log of this size means that a reader has held a snapshot for very long, in bytes.
    static let longLog: Int64 = 256 << 20

    func run() throws -> [Finding] {
        let connection = try Connection.reader(settings, .inspector)
        var findings = try connection.deviations(cache: settings.readerCache).map {
            Finding(subject: .setting, message: "reader: \($0)")
        }
        if try connection.integer("PRAGMA application_id") != Connection.applicationID {
            findings.append(Finding(subject: .setting, message: "application_id is not this program's"))
        }
        findings += try rows("PRAGMA integrity_check", connection).filter { $0.message != "ok" }
        findings += try rows("PRAGMA foreign_key_check", connection, .foreignKey)
        let log = size(of: settings.path + "-wal")
        if log > Self.longLog {
            findings.append(Finding(subject: .log, message: "the write-ahead log holds \(log) bytes"))
        }
        return findings
    }

    private func rows(
        _ pragma: String,
        _ connection: Connection,
        _ subject: Finding.Subject = .integrity
    ) throws -> [Finding] {
        do {
            return try connection.texts(pragma).map { Finding(subject: subject, message: $0) }
        } catch StoreError.corrupt(let message) {
            // Damage may end the search for damage.
            return [Finding(subject: .integrity, message: message)]
        }
    }

    /// By `stat`: opening the file, and closing it again, would drop SQLite's locks on it.
    private func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }
}
