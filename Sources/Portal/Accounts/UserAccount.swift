import Web

/// The account behind a user id in a path.
enum UserAccount {
    /// - Throws: ``Failure`` 404 for another's, and for one that does not exist.
    static func find(_ userID: Int64, for caller: Caller, in app: App) throws -> Int64 {
        let holder = try caller.require(user: userID)
        if holder.userID == userID { return holder.accountID }
        guard let accountID = try app.store.read({ db in try Accounts.first(ofPerson: userID, db) }) else {
            throw Failure.notFound("User not found")
        }
        return accountID
    }
}
