import Storage

/// Objects that set-up made at the provider, by the part they play. Every statement on `stripe_object` is here.
enum StripeObjects {
    enum Role: String, Sendable { case meter, price }

    static func find(_ role: Role, _ db: borrowing Database) throws -> String? {
        try db.value("SELECT object_id FROM stripe_object WHERE role = ?", role.rawValue)
    }

    static func put(_ role: Role, _ id: String, _ db: borrowing Database) throws {
        try db.run(
            """
            INSERT INTO stripe_object (role, object_id) VALUES (?, ?)
            ON CONFLICT (role) DO UPDATE SET object_id = excluded.object_id
            """,
            role.rawValue,
            id
        )
    }
}
