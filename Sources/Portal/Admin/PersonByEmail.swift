import Storage
import Web

/// The person whom a shell command names.
struct PersonByEmail: Codable, Sendable {
    let email: Email
}

extension People {
    /// - Throws: ``Failure`` 404.
    static func require(_ email: Email, _ db: borrowing Database) throws -> Listed {
        guard let person = try listed(email: email, db) else {
            throw Failure.notFound("There is nobody with the address \(email.value)")
        }
        return person
    }
}
