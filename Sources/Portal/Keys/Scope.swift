import Web

/// What an API key may be used for.
enum Scope: String, Codable, Sendable, CaseIterable, Documented {
    case accountRead = "account:read"
    case usageRead = "usage:read"
    case usageWrite = "usage:write"
    case billingRead = "billing:read"
    case billingWrite = "billing:write"
    case supportWrite = "support:write"
    /// To ask whether other keys of the account are good, as a gateway does.
    case keysVerify = "keys:verify"
    /// The partner program's referrals, clicks and conversions.
    case referralsRead = "referrals:read"
    case referralsWrite = "referrals:write"

    static var sample: Scope { .usageRead }
}

/// A set of scopes, as a key has them.
struct Scopes: OptionSet, Sendable, Equatable {
    let rawValue: UInt32

    static let all = Scopes(rawValue: .max)

    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    init(_ scopes: some Sequence<Scope>) {
        rawValue = scopes.reduce(0) { $0 | $1.bit }
    }

    /// As stored: names with spaces between; nil is everything. A name that is not known gives nothing.
    init(stored text: String?) {
        guard let text else {
            self = .all
            return
        }
        self.init(text.split(separator: " ").compactMap { Scope(rawValue: String($0)) })
    }

    func contains(_ scope: Scope) -> Bool { rawValue & scope.bit != 0 }

    /// The scopes by name; nil is everything, also what is yet to come.
    var names: [Scope]? { self == .all ? nil : Scope.allCases.filter(contains) }

    /// As ``init(stored:)`` reads it.
    var stored: String? { names.map { $0.map(\.rawValue).joined(separator: " ") } }
}

extension Scope {
    fileprivate var bit: UInt32 {
        switch self {
        case .accountRead: 1
        case .usageRead: 2
        case .usageWrite: 4
        case .billingRead: 8
        case .billingWrite: 16
        case .supportWrite: 32
        case .keysVerify: 64
        case .referralsRead: 128
        case .referralsWrite: 256
        }
    }
}
