import Glibc

/// What Linux says of a thread of this process.
struct ThreadStatus {
    let name: String
    /// The mask of blocked signals, bit 0 for signal 1.
    let blocked: UInt64

    static func all() -> [ThreadStatus] {
        guard let folder = opendir("/proc/self/task") else { return [] }
        defer { closedir(folder) }
        var found: [ThreadStatus] = []
        while let entry = readdir(folder) {
            let id = withUnsafeBytes(of: entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let status = read("/proc/self/task/\(id)/status") { found.append(status) }
        }
        return found
    }

    private static func read(_ path: String) -> ThreadStatus? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = fread(&bytes, 1, bytes.count, file)
        var fields: [Substring: String] = [:]
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":\t", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = String(parts[1]) }
        }
        guard let name = fields["Name"], let blocked = fields["SigBlk"].flatMap({ UInt64($0, radix: 16) }) else {
            return nil
        }
        return ThreadStatus(name: name, blocked: blocked)
    }
}
