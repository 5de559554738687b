import Glibc

@testable import Storage

/// A folder for one test, gone with it.
final class Scratch: Sendable {
    let folder: String

    init() throws {
        var template = Array("/var/tmp/purser-storage-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw StoreError.system(call: "mkdtemp", errno: errno) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in names { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    var path: String { folder + "/store.db" }

    var names: [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func size(of name: String) -> Int {
        var status = stat()
        return stat("\(folder)/\(name)", &status) == 0 ? Int(status.st_size) : -1
    }

    func mode(of name: String) -> UInt32 {
        var status = stat()
        return stat("\(folder)/\(name)", &status) == 0 ? status.st_mode & 0o777 : 0
    }

    var settings: StoreSettings { StoreSettings(path: path) }

    /// A store with one table: notes, no two alike.
    func store(_ change: (inout StoreSettings) -> Void = { _ in }) throws -> Store {
        var settings = settings
        change(&settings)
        let store = try Store(settings)
        try store.migrate(Self.schema)
        return store
    }

    static let schema = [
        Migration(
            "notes",
            """
            CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
            CREATE TABLE reply (
                id INTEGER PRIMARY KEY,
                note INTEGER NOT NULL REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED
            ) STRICT;
            """
        )
    ]
}

func addNote(_ text: String, _ db: borrowing Database) throws {
    try db.run("INSERT INTO note (text) VALUES (?)", text)
}

extension Store {
    func notes() throws -> [String] {
        try read { db in try db.all("SELECT text FROM note ORDER BY id") { $0.text(0) } }
    }

    /// Queues a write before it returns, so that a test knows what is queued, and in which order.
    func queue(_ body: @escaping @Sendable (borrowing Database) throws -> Void) -> ThreadJob<Void> {
        let job = ThreadJob<Void>(isAlone: false) { try body(Database($0)) }
        writer.submit(job)
        return job
    }

    /// Occupies the writer until the gate opens, so that what is queued meanwhile makes one batch.
    func hold(_ gate: Gate) -> ThreadJob<Void> {
        let entered = Gate()
        let job = queue { _ in
            entered.open()
            gate.wait()
        }
        entered.wait()
        return job
    }

    func onWriterConnection<Result: Sendable>(_ body: @escaping @Sendable (Connection) throws -> Result) throws
        -> Result
    {
        let job = ThreadJob(isAlone: true, body)
        writer.submit(job)
        return try job.wait()
    }
}

/// Closed until it is opened, then open for good.
final class Gate: @unchecked Sendable {
    private let monitor = Monitor()
    private var isOpen = false

    func open() {
        monitor.withLock {
            isOpen = true
            monitor.signal()
        }
    }

    func wait() {
        monitor.withLock {
            while !isOpen { monitor.wait() }
            monitor.signal()
        }
    }
}
