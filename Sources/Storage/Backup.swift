import CSQLite
import Glibc

/// What a backup came to.
public struct BackupReport: Sendable, Equatable {
    public let path: String
    public let bytes: Int64
    public let milliseconds: Int64
}

/// A consistent, compact and verified copy, made while the store serves.
struct Backup {
    let settings: StoreSettings

    /// Writes beside the target under another name, syncs, verifies, renames: the target is whole or is not there.
    /// - Throws: ``StoreError/system(call:errno:)`` with `EEXIST` when the target exists, and whatever else stops it;
    ///   then nothing is left behind.
    func run(to path: String) throws -> BackupReport {
        let start = monotonicMilliseconds()
        var present = stat()
        // Of the name itself: a link to nowhere is somebody's too, and the rename below would replace it.
        guard lstat(path, &present) != 0 else { throw StoreError.system(call: "backup to \(path)", errno: EEXIST) }
        let draft = "\(path).\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
        // Made here, empty, for its mode: it holds people's data. VACUUM INTO fills an empty file.
        let file = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError.system(call: "open \(draft)", errno: errno) }
        defer { close(file) }
        do {
            try copy(to: draft)
            // VACUUM INTO does not sync what it writes.
            try require(fsync(file), "fsync \(draft)")
            try verify(draft)
            var status = stat()
            try require(fstat(file, &status), "fstat \(draft)")
            try require(rename(draft, path), "rename to \(path)")
            try syncFolder(of: path)
            let milliseconds = monotonicMilliseconds() - start
            return BackupReport(path: path, bytes: Int64(status.st_size), milliseconds: milliseconds)
        } catch {
            unlink(draft)
            unlink(draft + "-journal")
            throw error
        }
    }

    private func copy(to draft: String) throws {
        let connection = try Connection.reader(settings, .inspector)
        try connection.trusted {
            // It writes, if not into this database.
            try connection.execute("PRAGMA query_only = OFF")
            try Database(connection).run("VACUUM INTO ?", draft)
        }
    }

    private func verify(_ draft: String) throws {
        let copy = try Connection(draft, .inspector, isReadOnly: true)
        guard try copy.integer("PRAGMA application_id") == Connection.applicationID else {
            throw StoreError.corrupt("The copy does not say whose it is.")
        }
        let findings = try copy.texts("PRAGMA integrity_check")
        guard findings == ["ok"] else { throw StoreError.corrupt(findings.joined(separator: "; ")) }
    }

    private func syncFolder(of path: String) throws {
        let folder = open(StoreSettings(path: path).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw StoreError.system(call: "open folder of \(path)", errno: errno) }
        defer { close(folder) }
        try require(fsync(folder), "fsync folder of \(path)")
    }

    private func require(_ result: Int32, _ call: String) throws {
        guard result == 0 else { throw StoreError.system(call: call, errno: errno) }
    }
}
