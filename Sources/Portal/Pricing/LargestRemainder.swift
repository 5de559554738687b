/// Shares out an amount so that nothing is lost (the method of Hamilton and Hare): everyone gets the whole steps of an
/// exact share, and the steps left over go to the largest fractions, earlier ones first.
enum LargestRemainder {
    /// - Parameters:
    ///   - total: minor units, a multiple of `step`.
    ///   - weights: any sign, such as credits among charges. When they come to nothing, so must the total.
    /// - Returns: one part for each weight, each a multiple of `step`; their sum is `total`.
    /// - Throws: ``PricingFault/tooLarge``.
    static func parts(of total: Int64, by weights: [Int64], step: Int64) throws -> [Int64] {
        let sum = weights.reduce(Int128(0)) { $0 + Int128($1) }
        guard sum != 0, total != 0 else {
            guard total == 0 else { throw PricingFault.tooLarge }
            return weights.map { _ in 0 }
        }
        let steps = total / step
        var parts: [Int128] = []
        var fractions: [(position: Int, size: Int128)] = []
        for (position, weight) in weights.enumerated() {
            // Both sides turned, the divisor is positive, and the remainder too after the step down.
            let exact = Int128(steps) * Int128(weight) * sum.signum()
            var (whole, rest) = exact.quotientAndRemainder(dividingBy: Int128(sum.magnitude))
            if rest < 0 { (whole, rest) = (whole - 1, rest + Int128(sum.magnitude)) }
            parts.append(whole)
            fractions.append((position, rest))
        }
        let left = Int(Int128(steps) - parts.reduce(0, +))
        for fraction in fractions.sorted(by: { ($1.size, $0.position) < ($0.size, $1.position) }).prefix(left) {
            parts[fraction.position] += 1
        }
        return try parts.map { part in
            guard let part = Int64(exactly: part) else { throw PricingFault.tooLarge }
            return try part.times(step)
        }
    }
}
