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
        let report = try await OwnThread.run(named: "purser-backup") { try store.backup(to: input.path.value) }
        return Answer(path: report.path, bytes: report.bytes, milliseconds: report.milliseconds)
    }
}
