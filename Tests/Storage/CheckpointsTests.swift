import Testing

@testable import Storage

@Suite("Checkpoints")
struct CheckpointsTests {
    @Test("come early when nothing waits and late when something does")
    func policy() {
        var checkpoints = Checkpoints(pages: 4_000)
        #expect(checkpoints.due(frames: 999, isIdle: true) == nil)
        #expect(checkpoints.due(frames: 1_000, isIdle: true) == .passive)
        #expect(checkpoints.due(frames: 3_999, isIdle: false) == nil)
        #expect(checkpoints.due(frames: 4_000, isIdle: false) == .passive)
    }

    @Test("do not repeat for what is copied already, and start over with the log")
    func copied() {
        var checkpoints = Checkpoints(pages: 4_000)
        checkpoints.ran(.passive, frames: 4_100)
        #expect(checkpoints.due(frames: 4_105, isIdle: true) == nil)
        #expect(checkpoints.due(frames: 8_100, isIdle: false) == .passive)
        #expect(checkpoints.due(frames: 10, isIdle: true) == nil)
        #expect(checkpoints.due(frames: 4_000, isIdle: false) == .passive)
    }

    @Test("cut a log past 64 MiB, and wait for it to double where a reader holds on")
    func truncate() {
        var checkpoints = Checkpoints(pages: 4_000)
        let long = Checkpoints.long
        #expect(checkpoints.due(frames: long, isIdle: false) == .truncate)
        checkpoints.ran(.truncate, frames: long)
        #expect(checkpoints.due(frames: long + 1, isIdle: false) == nil)
        #expect(checkpoints.due(frames: long * 2, isIdle: false) == .truncate)
        checkpoints.ran(.truncate, frames: 0)
        #expect(checkpoints.due(frames: long, isIdle: false) == .truncate)
    }

    @Test("keep the log of a busy store small")
    func small() throws {
        let scratch = try Scratch()
        let store = try scratch.store { $0.checkpointPages = 100 }
        for number in 0..<400 {
            try store.writeBlocking { db in try addNote("\(number)" + String(repeating: ".", count: 4_000), db) }
        }
        // Each write takes three pages or more: without checkpoints the log would hold over 1200.
        #expect(scratch.size(of: "store.db-wal") < 200 * 4_120)
        #expect(scratch.size(of: "store.db") > 400 * 4_000)
        store.close()
    }

    @Test("truncate a long log once its reader is gone")
    func afterReader() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let text = String(repeating: "x", count: 4 << 20)
        try store.read(within: 60_000) { db in
            _ = try db.value("SELECT count(*) FROM note") as Int?
            for number in 0..<18 { try store.writeBlocking { db in try addNote("\(number)\(text)", db) } }
            #expect(scratch.size(of: "store.db-wal") > 64 << 20)
        }
        for number in 18..<40 { try store.writeBlocking { db in try addNote("\(number)\(text)", db) } }
        #expect(scratch.size(of: "store.db-wal") <= 64 << 20)
        #expect(try store.notes().count == 40)
        store.close()
    }
}
