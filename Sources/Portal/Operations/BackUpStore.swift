import Glibc
import Storage
import Web

/// `purser backup FILE`: a consistent copy, verified, made while serving.
struct BackUpStore: Endpoint {
    struct Input: Codable, Sendable {
        let path: Text<1, 4096>
    }

    struct Answer: JSONOutput {
        let path: String
        let bytes: Int64
        let milliseconds: Int64
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        guard input.path.value.hasPrefix("/") else { throw Failure.invalid("path", "must be absolute") }
        let store = app.store
        // On a thread of its own: copying takes as long as the disk does, and workers carry only milliseconds.
        do {
            let report = try await OwnThread.run(named: "purser-backup") { try store.backup(to: input.path.value) }
            return Answer(path: report.path, bytes: report.bytes, milliseconds: report.milliseconds)
        } catch StoreError.system(_, EEXIST) {
            throw Failure.conflict("\(input.path.value) exists already; nothing was written")
        } catch let error as StoreError {
            // The sysadmin's own disk and paths: the reason is what they need, and nobody else can ask.
            throw Failure(500, "backup_failed", "The backup failed: \(error)")
        }
    }
}
