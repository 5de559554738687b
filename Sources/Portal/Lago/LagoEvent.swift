import Web

/// One use as Lago takes it: the code of the billable metric is the meter's name, to be summed by `quantity`.
struct LagoEvent: Sendable {
    /// Ours.
    let id: Int64
    let accountID: Int64
    let meter: String
    let backend: String
    let quantity: Int64
    let occurredAt: Timestamp
    let recordedAt: Timestamp

    /// What customers and subscriptions are called at Lago, where an operator makes them.
    static func externalID(of accountID: Int64) -> String { "\(accountID)" }

    /// By which Lago tells repeats. It holds the time so that two stores may share an organization there.
    var transactionID: String { "purser-use-\(id)-\(recordedAt.milliseconds)" }

    var payload: JSONValue {
        let (seconds, fraction) = (occurredAt.milliseconds / 1000, occurredAt.milliseconds % 1000)
        return .object([
            .init("transaction_id", .string(transactionID)),
            .init("external_subscription_id", .string(Self.externalID(of: accountID))),
            .init("code", .string(meter)),
            .init("timestamp", .string("\(seconds).\(padded(fraction, to: 3))")),
            .init(
                "properties",
                .object([.init("quantity", .integer(quantity)), .init("backend", .string(backend))])
            ),
        ])
    }
}
