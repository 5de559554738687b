import Web

/// What a member may do in an account.
enum Role: String, Codable, Sendable, CaseIterable, Documented {
    case owner, admin, developer, billing, viewer

    static var sample: Role { .developer }

    func may(_ permission: Permission) -> Bool {
        switch permission {
        case .own, .view: true
        case .develop: self == .developer || self == .admin || self == .owner
        case .bill: self == .billing || self == .admin || self == .owner
        case .manage: self == .admin || self == .owner
        case .possess: self == .owner
        }
    }
}

/// What a route for members asks of their role.
enum Permission: String, Sendable, CaseIterable {
    /// Only about oneself: profile, sessions, second factor. Every role has it.
    case own
    /// To read what the account has.
    case view
    /// Keys, apps, webhooks.
    case develop
    /// Payments, plans, budgets.
    case bill
    /// Members and the audit log.
    case manage
    /// What only an owner may do.
    case possess
}
