import Glibc
import Testing

@testable import Storage

@Suite("A backup")
struct BackupTests {
    let scratch: Scratch
    let store: Store

    init() throws {
        scratch = try Scratch()
        store = try scratch.store()
    }

    var target: String { scratch.folder + "/copy.db" }

    @Test("is a whole database of one moment, made while writes go on")
    func whole() async throws {
        let store = store
        let target = target
        for number in 0..<200 { try await store.write { db in try addNote("\(number)", db) } }
        let writing = Task {
            var number = 200
            while !Task.isCancelled {
                try await store.write { [number] db in try addNote("\(number)", db) }
                number += 1
            }
            return number
        }
        let report = try store.backup(to: target)
        writing.cancel()
        let last = try await writing.value
        #expect(report.path == target)
        #expect(report.bytes == scratch.size(of: "copy.db"))
        #expect(scratch.mode(of: "copy.db") == 0o600)
        let copied = try SQLiteShell(target).run("SELECT count(*), max(CAST(text AS INTEGER)) FROM note;")
        let figures = copied.split(whereSeparator: { "|\n".contains($0) }).compactMap { Int($0) }
        #expect(figures.count == 2 && figures[0] == figures[1] + 1 && figures[0] >= 200 && figures[0] <= last)
        #expect(try store.notes().count == last)
        #expect(try SQLiteShell(target).run("PRAGMA integrity_check; PRAGMA application_id;") == "ok\n1347572562\n")
        #expect(!scratch.names.contains { $0.hasSuffix(".part") })
        store.close()
    }

    @Test("opens as a store")
    func restored() throws {
        try store.writeBlocking { db in try addNote("kept", db) }
        let other = try Scratch()
        _ = try store.backup(to: other.path)
        let restored = try other.store()
        #expect(try restored.notes() == ["kept"])
        restored.close()
        store.close()
    }

    @Test("refuses to replace a file, and leaves it as it is")
    func existing() throws {
        let file = open(target, O_WRONLY | O_CREAT, 0o600)
        _ = write(file, "mine", 4)
        close(file)
        #expect(throws: StoreError.system(call: "backup to \(target)", errno: EEXIST)) { try store.backup(to: target) }
        #expect(scratch.size(of: "copy.db") == 4)
        #expect(!scratch.names.contains { $0.hasSuffix(".part") })
        store.close()
    }

    @Test("leaves nothing behind when the copy does not fit", .enabled(if: SmallDisk.isPossible))
    func full() throws {
        let text = String(repeating: "a", count: 2 << 20)
        try store.writeBlocking { db in try addNote(text, db) }
        let other = try Scratch()
        let disk = try SmallDisk(at: other.folder, megabytes: 1)
        defer { disk.unmount() }
        #expect(throws: StoreError.full) { try store.backup(to: other.path) }
        #expect(other.names == [])
        store.close()
    }

    @Test("refuses a folder that is not there")
    func missing() {
        #expect(throws: StoreError.self) { try store.backup(to: scratch.folder + "/none/copy.db") }
        store.close()
    }
}
