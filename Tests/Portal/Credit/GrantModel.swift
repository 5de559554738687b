/// Grants as somebody with a pencil keeps them: each is cut the moment that something is spent.
struct GrantModel {
    struct Grant {
        let id: Int64
        let priority: Int64
        let expiresAt: Int64?
        let isPaid: Bool
        let payment: String?
        var remaining: Int64
        var createdAt: Int64 = 0

        /// Those with the lowest are spent first.
        fileprivate var turn: (Int64, Int64, Int64, Int64) { (priority, expiresAt ?? .max, createdAt, id) }
    }

    var grants: [Grant] = []
    /// What ended unspent, of gifts and of what was paid for.
    var lost: (gifts: Int64, paid: Int64) = (0, 0)

    var credit: Int64 { grants.reduce(0) { $0 + $1.remaining } }

    /// The next one to be spent, found by looking at all.
    private var next: Int? {
        var best: Int?
        for (index, grant) in grants.enumerated() where grant.remaining > 0 {
            guard let chosen = best else {
                best = index
                continue
            }
            if grant.turn < grants[chosen].turn { best = index }
        }
        return best
    }

    mutating func spend(_ amount: Int64) {
        var rest = amount
        while rest > 0, let next {
            let part = min(rest, grants[next].remaining)
            grants[next].remaining -= part
            rest -= part
        }
    }

    mutating func expire(at moment: Int64) {
        for index in grants.indices where grants[index].expiresAt.map({ $0 <= moment }) ?? false {
            end(index)
        }
    }

    mutating func end(_ index: Int) {
        if grants[index].isPaid {
            lost.paid += grants[index].remaining
        } else {
            lost.gifts += grants[index].remaining
        }
        grants[index].remaining = 0
    }

    mutating func takeBack(_ amount: Int64, of payment: String) -> Int64 {
        var rest = amount
        for index in grants.indices where grants[index].payment == payment {
            let part = min(rest, grants[index].remaining)
            grants[index].remaining -= part
            rest -= part
        }
        return amount - rest
    }
}
