import Storage
import Web

// What lists are narrowed to: an absent or empty id narrows to nothing.

extension Apps {
    /// - Throws: ``Failure`` 404.
    static func asked(
        _ publicID: Text<0, 64>?,
        of accountID: Int64,
        _ db: borrowing Database
    ) throws -> Int64? {
        guard let publicID = publicID?.value, !publicID.isEmpty else { return nil }
        return try require(publicID, of: accountID, db).id
    }
}

extension Campaigns {
    /// - Throws: ``Failure`` 404.
    static func asked(
        _ publicID: Text<0, 64>?,
        of accountID: Int64,
        _ db: borrowing Database
    ) throws -> Int64? {
        guard let publicID = publicID?.value, !publicID.isEmpty else { return nil }
        return try require(publicID, of: accountID, db).id
    }
}
