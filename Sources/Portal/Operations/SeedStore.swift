import Crypto
import Storage
import Web

/// `purser seed`: a plausible business to look at. Refuses a store that has accounts.
///
/// The business is the same each time but for the ids of what is referred, counted back from today. Its passwords and
/// keys follow from the installation's own pepper: the same each time here, and of no use anywhere else.
struct SeedStore: Endpoint {
    struct SignIn: Codable, Sendable {
        let role: String
        let name: String
        let email: String
        let password: String
        let apiKey: String

        enum CodingKeys: String, CodingKey {
            case role, name, email, password
            case apiKey = "api_key"
        }
    }

    struct Answer: JSONOutput {
        let signIns: [SignIn]
        let events: Int
        let invoices: Int

        enum CodingKeys: String, CodingKey {
            case events, invoices
            case signIns = "sign_ins"
        }
    }

    static func handle(_ input: Empty, by caller: Caller, in app: App) async throws -> Answer {
        let hasAccounts = try app.store.read { db in try Accounts.count(db) > 0 }
        guard !hasAccounts else { throw Failure.conflict("This store already has accounts; nothing was changed") }
        var people: [DemoBusiness.Person] = []
        for role in DemoBusiness.roles {
            let password = secret("password:\(role.email.value)", 20, app)
            let random = secret("key:\(role.email.value)", 32, app)
            let key = APIKey(text: "\(app.settings.keyPrefix)_\(random)\(Base62.checksum(of: random.utf8))")
            people.append(
                DemoBusiness.Person(
                    role: role,
                    password: password,
                    passwordHash: try await app.passwords.hash(password),
                    key: key,
                    digest: app.keyDigests.digest(of: key.text)
                )
            )
        }
        let business = DemoBusiness(people: people, now: app.now(), settings: app.settings)
        return try await app.store.write { db in
            // Once more, where nobody can come between.
            guard try Accounts.count(db) == 0 else { throw Failure.conflict("This store already has accounts") }
            try Audit.record(.storeSeeded, by: caller, account: nil, target: "store", at: business.now, db)
            return try business.write(db)
        }
    }

    /// Base62 characters that follow from the pepper and a name.
    private static func secret(_ name: String, _ length: Int, _ app: App) -> String {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var bytes: [UInt8] = []
        var block = 0
        while bytes.count < length {
            // 248 is the largest multiple of 62 in a byte, so that every character is as likely as another.
            bytes += app.keyDigests.digest(of: "seed:\(name):\(block)").filter { $0 < 248 }
            block += 1
        }
        return String(decoding: bytes.prefix(length).map { alphabet[Int($0 % 62)] }, as: UTF8.self)
    }
}
