import Storage
import Web

// What other parts bring; this file goes when they are here.

enum Subscriptions {
    static func setPastDue(_ accountID: Int64, at time: Timestamp, _ db: borrowing Database) throws {}
    static func recovered(_ accountID: Int64, at time: Timestamp, _ db: borrowing Database) throws {}
    static func cancelNow(_ accountID: Int64, at time: Timestamp, _ db: borrowing Database) throws {}
    static func openingPayment(
        of accountID: Int64,
        _ plan: String,
        _ interval: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> (planPriceID: Int64, amount: Money, name: String) {
        throw Failure.notFound("Plan not found")
    }

    static func start(_ accountID: Int64, _ planPriceID: Int64, at time: Timestamp, _ db: borrowing Database) throws {}
}
