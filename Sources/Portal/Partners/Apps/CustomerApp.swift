import Web

/// A customer's application: what its keys, limits and campaigns belong to.
struct CustomerApp: Sendable {
    enum Status: String, Codable, Sendable, CaseIterable, Documented {
        case active = "ACTIVE"
        /// By an operator: its keys are refused.
        case suspended = "SUSPENDED"

        static var sample: Status { .active }
    }

    /// What its owner chooses.
    struct Terms: Sendable {
        var name: String
        var description = ""
        /// Where its campaigns lead that have no page of their own; an `http` URL, or empty.
        var website = ""
        /// Calls a month, beside the plan's; nil: only the plan's.
        var monthlyLimit: Int64?
        /// A JSON object of what differs from the product's own rules; nil: nothing does.
        var fraudRules: JSONValue?
    }

    let id: Int64
    let publicID: String
    let accountID: Int64
    var terms: Terms
    var status: Status
    let createdAt: Timestamp
    let updatedAt: Timestamp

    var name: String { terms.name }
    var website: String { terms.website }
    var monthlyLimit: Int64? { terms.monthlyLimit }
    var fraudRules: JSONValue? { terms.fraudRules }
}
