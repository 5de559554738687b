/// Coupons and taxes of an account, by the pencil.
struct TermsModel {
    struct Coupon {
        let code: String
        /// In percent, or in cents.
        var percent: Int64?
        var cents: Int64 = 0
        /// Nil: for ever.
        var invoicesLeft: Int64?
    }

    struct Tax {
        let millionths: Int64
        let isIncluded: Bool
    }

    struct Bill {
        var total: Int64
        var discount: Int64 = 0
        /// All of it, and what of it is part of the price.
        var tax: Int64 = 0
        var included: Int64 = 0
        var coupons: [String] = []
    }

    static let offered = [
        Coupon(code: "QUARTER", percent: 25, invoicesLeft: 3), Coupon(code: "FIVER", cents: 500),
        Coupon(code: "ONCE", percent: 10, invoicesLeft: 1),
    ]

    static let countries: [[Tax]] = [
        [], [Tax(millionths: 190_000, isIncluded: false)], [Tax(millionths: 200_000, isIncluded: true)],
        [Tax(millionths: 82_500, isIncluded: false), Tax(millionths: 12_345, isIncluded: false)],
        [Tax(millionths: 100_000, isIncluded: true), Tax(millionths: 50_000, isIncluded: false)],
    ]

    var coupons: [Coupon] = []
    var taxes: [Tax] = []

    /// - Returns: false for one that the account has had.
    mutating func redeem(_ coupon: Coupon) -> Bool {
        guard !coupons.contains(where: { $0.code == coupon.code }) else { return false }
        coupons.append(coupon)
        return true
    }

    mutating func giveBack(_ codes: [String]) {
        for index in coupons.indices where codes.contains(coupons[index].code) {
            coupons[index].invoicesLeft = coupons[index].invoicesLeft.map { $0 + 1 }
        }
    }

    mutating func bill(_ sum: Int64, takesCoupons: Bool) -> Bill {
        var bill = Bill(total: sum)
        for index in coupons.indices where takesCoupons && coupons[index].invoicesLeft != 0 {
            let coupon = coupons[index]
            let part = coupon.percent.map { Self.rounded(bill.total * $0, by: 100) } ?? min(coupon.cents, bill.total)
            guard part > 0 else { continue }
            bill.total -= part
            bill.discount += part
            bill.coupons.append(coupon.code)
            coupons[index].invoicesLeft = coupon.invoicesLeft.map { $0 - 1 }
        }
        let within = taxes.reduce(0) { $0 + ($1.isIncluded ? $1.millionths : 0) }
        bill.included = Self.rounded(bill.total * within, by: 1_000_000 + within)
        let net = bill.total - bill.included
        let added = taxes.filter { !$0.isIncluded }.map { Self.rounded(net * $0.millionths, by: 1_000_000) }
        bill.tax = bill.included + added.reduce(0, +)
        bill.total += added.reduce(0, +)
        return bill
    }

    /// A fraction above nothing to the nearest cent, halves up.
    static func rounded(_ above: Int64, by below: Int64) -> Int64 { (2 * above + below) / (2 * below) }
}
