import FoundationEssentials
import Outbound
import Testing

@testable import Portal

@Suite("A folder for mail")
struct MailFolderTests {
    private let path = "/var/tmp/purser-mail-\(UInt64.random(in: 0...UInt64.max))"

    private func keep(_ number: Int, in folder: MailFolder) async throws {
        let message = MailMessage(
            id: "a\(number)",
            date: 1_767_225_600,
            from: try MailAddress("desk@purser.test"),
            to: try MailAddress(address: "ada@example.com"),
            subject: "Number \(number)",
            text: "Hello",
            html: "<p>Hello</p>"
        )
        try await folder.keep(message, at: UnitStore.noon.adding(seconds: Int64(number)))
    }

    @Test("keeps the newest mails and what else lies there, and removes the oldest")
    func room() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        for name in ["notes.eml", "1-x.eml", "2.json"] {
            #expect(FileManager.default.createFile(atPath: "\(path)/\(name)", contents: nil))
        }
        let folder = MailFolder(path: path, room: 3)
        for number in 1...5 { try await keep(number, in: folder) }
        #expect(try await folder.list(10).map(\.mail.subject) == ["Number 5", "Number 4", "Number 3"])
        let files = try FileManager.default.contentsOfDirectory(atPath: path)
        #expect(files.filter { $0.hasPrefix("1773") }.count == 6)
        #expect(Set(files).isSuperset(of: ["notes.eml", "1-x.eml", "2.json"]))
        // The same mail again takes nobody's place.
        try await keep(4, in: folder)
        #expect(try await folder.list(10).count == 3)
    }
}
