import FoundationEssentials
import Glibc
import Outbound

/// A folder that takes the place of a mail server while somebody tries things out: each mail as an `.eml` file for
/// mail programs, and as JSON for the page that lists them. The newest stay.
struct MailFolder: Sendable {
    /// A mail as the page shows it.
    struct Kept: Codable, Sendable {
        let to: String
        let subject: String
        /// Milliseconds since 1970.
        let createdAt: Int64
        let text: String
        let html: String
    }

    let path: String
    /// How many stay.
    var room = 500

    /// The same mail again takes the place of its first copy.
    /// - Throws: ``Failed`` when the disk will not have it.
    func keep(_ message: MailMessage, at createdAt: Timestamp) async throws {
        let name = "\(createdAt.milliseconds)-\(message.id)"
        let kept = Kept(
            to: message.to.address,
            subject: message.subject,
            createdAt: createdAt.milliseconds,
            text: message.text,
            html: message.html
        )
        let json = Array(try JSONEncoder().encode(kept))
        try await OwnThread.run(named: "purser-mail-folder") {
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failed(path: path) }
            try write(message.bytes, to: "\(name).eml")
            // The page goes by this one, so it comes last.
            try write(json, to: "\(name).json")
            removeOldest()
        }
    }

    /// Nothing but mails of ours, whatever else lies there.
    private func removeOldest() {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let mails = files.filter { $0.hasSuffix(".eml") && Self.isID(String($0.dropLast(4))) }
        // The times in front have the same number of digits from 2001 to 2286.
        for mail in mails.sorted(by: >).dropFirst(room) {
            // Off the page first: it shows no mail that is half there.
            unlink("\(path)/\(mail.dropLast(4)).json")
            unlink("\(path)/\(mail)")
        }
    }

    /// The newest first, and no more than `count`.
    func list(_ count: Int) async throws -> [(id: String, mail: Kept)] {
        try await OwnThread.run(named: "purser-mail-folder") {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            let ids = files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.filter(Self.isID)
            return ids.sorted(by: >).prefix(count).compactMap { id in read(id).map { (id, $0) } }
        }
    }

    func find(_ id: String) async throws -> Kept? {
        guard Self.isID(id) else { return nil }
        return try await OwnThread.run(named: "purser-mail-folder") { read(id) }
    }

    /// Digits, a hyphen, hexadecimal digits: an id from outside leads to no other folder.
    private static func isID(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.count == 2 && (1...19).contains(parts[0].count) && (1...64).contains(parts[1].count)
            && parts[0].allSatisfy { (48...57).contains($0) }
            && parts[1].allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    private func read(_ id: String) -> Kept? {
        guard let bytes = FileManager.default.contents(atPath: "\(path)/\(id).json") else { return nil }
        return try? JSONDecoder().decode(Kept.self, from: bytes)
    }

    /// Whole or not at all, for our own eyes.
    private func write(_ bytes: [UInt8], to name: String) throws {
        let draft = "\(path)/.\(name)"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failed(path: draft) }
        defer { close(file) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failed(path: draft) }
            written += count
        }
        guard fsync(file) == 0, rename(draft, "\(path)/\(name)") == 0 else { throw Failed(path: draft) }
    }

    struct Failed: Error {
        let path: String
        let reason: String

        init(path: String) {
            (self.path, reason) = (path, String(cString: strerror(errno)))
        }
    }
}
