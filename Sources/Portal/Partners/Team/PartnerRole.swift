import Web

/// A member's role in the words of the partner program's clients.
enum PartnerRole: String, Codable, Sendable, CaseIterable, Documented {
    case owner = "OWNER"
    case admin = "ADMIN"
    /// Works on apps, campaigns and webhooks: ``Role/developer``.
    case member = "MEMBER"
    case billing = "BILLING"
    case viewer = "VIEWER"

    static var sample: PartnerRole { .member }

    init(_ role: Role) {
        self =
            switch role {
            case .owner: .owner
            case .admin: .admin
            case .developer: .member
            case .billing: .billing
            case .viewer: .viewer
            }
    }

    var role: Role {
        switch self {
        case .owner: .owner
        case .admin: .admin
        case .member: .developer
        case .billing: .billing
        case .viewer: .viewer
        }
    }
}
