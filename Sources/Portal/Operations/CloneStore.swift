import Glibc
import Storage
import Web

/// `purser clone --test-clock FOLDER`: a copy of the store whose time stands still until it is put forward, to see what
/// billing will do. Over it nothing is charged, mailed or told to anybody.
struct CloneStore: Endpoint {
    struct Input: Codable, Sendable {
        let folder: Text<1, 4000>
        /// Where its clock stands; absent: now.
        let at: Timestamp?
    }

    struct Answer: JSONOutput {
        let folder: String
        let bytes: Int64
        let now: Timestamp
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        let folder = input.folder.value
        let now = app.now()
        let at = input.at ?? now
        guard folder.hasPrefix("/") else { throw Failure.invalid("folder", "must be absolute") }
        guard at >= now, Day.range.contains(at.day) else {
            throw Failure.invalid("at", "must not lie in the past, for a clock goes forward only")
        }
        let (store, state) = (app.store, app.settings.state)
        do {
            return try await OwnThread.run(named: "purser-clone") {
                try makeFolder(folder)
                let report = try store.backup(to: "\(folder)/purser.db")
                try mark("\(folder)/purser.db", at: at)
                try copyPepper(from: state, to: folder)
                return Answer(folder: folder, bytes: report.bytes, now: at)
            }
        } catch StoreError.system(_, EEXIST) {
            throw Failure.conflict("\(folder) has a store already; nothing was written")
        } catch let error as StoreError {
            // The sysadmin's own disk and paths: the reason is what they need, and nobody else can ask.
            throw Failure(500, "clone_failed", "The store cannot be copied: \(error)")
        }
    }

    private static func makeFolder(_ folder: String) throws {
        guard mkdir(folder, 0o700) != 0, errno != EEXIST else { return }
        throw StoreError.system(call: "mkdir \(folder)", errno: errno)
    }

    private static func mark(_ path: String, at moment: Timestamp) throws {
        let copy = try Store(StoreSettings(path: path))
        defer { copy.close() }
        try copy.writeBlocking { db in try StoreMarks.put(.testClock, "\(moment.milliseconds)", db) }
    }

    /// Where it was made beside the database: without it no key of the copy would work.
    private static func copyPepper(from state: String, to folder: String) throws {
        let source = "\(state)/key_pepper"
        guard access(source, F_OK) == 0 else { return }
        let pepper = try SettingSources.read(source)
        let file = open("\(folder)/key_pepper", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreError.system(call: "open \(folder)/key_pepper", errno: errno) }
        defer { close(file) }
        guard write(file, pepper, pepper.utf8.count) == pepper.utf8.count else {
            throw StoreError.system(call: "write \(folder)/key_pepper", errno: errno)
        }
    }
}
