import Testing

@testable import Portal

@Suite("A bill")
struct BillTests {
    private let vat = TaxRate(name: "VAT", millionths: 190_000, isInclusive: false)

    private func lines(_ amounts: [Int64], in currency: Currency = .usd) -> [PricedLine] {
        amounts.enumerated().map { position, amount in
            PricedLine(
                item: "i\(position)",
                label: "i\(position)",
                kind: .units,
                quantity: 1,
                unitPrice: .zero,
                part: .whole,
                units: nil,
                amount: amount,
                currency: currency
            )
        }
    }

    private func percent(_ points: Int64) -> Discount {
        Discount(name: "%", reduction: .percent(basisPoints: points))
    }

    private func off(_ minor: Int64, _ currency: Currency = .usd) -> Discount {
        Discount(name: "off", reduction: .amount(Money(minor, currency)))
    }

    @Test("spreads a discount so that nothing is lost, the odd cent to the largest fraction, then the first")
    func spreads() throws {
        let thirds = try Bill(lines([100, 100, 100]), in: .usd, less: [off(100)])
        #expect(thirds.lines.map(\.discount) == [34, 33, 33])
        let uneven = try Bill(lines([1, 50, 249]), in: .usd, less: [off(100)])
        // 0.33, 16.67 and 83.00.
        #expect(uneven.lines.map(\.discount) == [0, 17, 83])
        #expect(uneven.total == Money(200, .usd))
    }

    @Test("takes discounts one after the other, never more than there is")
    func discounts() throws {
        let bill = try Bill(lines([1000, 0]), in: .usd, less: [percent(2500), off(300), off(9999), percent(10_000)])
        #expect(bill.reductions.map(\.amount) == [250, 300, 450, 0])
        #expect(bill.lines.map(\.total) == [0, 0])
        #expect(bill.total == Money(0, .usd))
        #expect(bill.subtotal == Money(1000, .usd))
    }

    @Test("adds a tax that was computed once, on the sum")
    func exclusive() throws {
        let bill = try Bill(lines([3, 3, 3, 3]), in: .usd, plus: [vat])
        // 0.57 cents each would be 1 cent four times; on 12 cents it is 2.28.
        #expect(bill.taxes.map(\.amount) == [2])
        #expect(bill.lines.map(\.taxAdded) == [1, 1, 0, 0])
        #expect(bill.total == Money(14, .usd))
        #expect(bill.net == Money(12, .usd))
    }

    @Test("finds the tax within a price that contains it")
    func inclusive() throws {
        let rate = TaxRate(name: "MwSt", millionths: 190_000, isInclusive: true)
        let bill = try Bill(lines([11_900, 100]), in: .usd, plus: [rate])
        #expect(bill.taxes.map(\.amount) == [1916])
        #expect(bill.net == Money(10_084, .usd))
        #expect(bill.total == Money(12_000, .usd))
        #expect(bill.lines.map(\.taxIncluded) == [1900, 16])
    }

    @Test("takes several taxes, contained and on top")
    func severalTaxes() throws {
        let gst = TaxRate(name: "GST", millionths: 50_000, isInclusive: true)
        let pst = TaxRate(name: "PST", millionths: 70_000, isInclusive: true)
        let fee = TaxRate(name: "Levy", millionths: 10_000, isInclusive: false)
        let bill = try Bill(lines([11_200]), in: .usd, plus: [gst, fee, pst])
        #expect(bill.taxes.map(\.amount) == [500, 100, 700])
        #expect(bill.net == Money(10_000, .usd))
        #expect(bill.total == Money(11_300, .usd))
    }

    @Test("charges kuwaiti fils in tens and yen whole")
    func steps() throws {
        let kwd = try #require(Currency("kwd"))
        let bill = try Bill(lines([5000, 10], in: kwd), in: kwd, less: [percent(333)], plus: [vat])
        #expect(bill.lines.map(\.discount) == [170, 0])
        #expect(bill.taxes.map(\.amount) == [920])
        #expect(bill.total == Money(5760, kwd))
        #expect(throws: PricingFault.unchargeable(5, "kwd")) { try Bill([], in: kwd, less: [off(5, kwd)]) }
        let jpy = try #require(Currency("jpy"))
        #expect(try Bill(lines([99], in: jpy), in: jpy, plus: [vat]).total == Money(118, jpy))
    }

    @Test("sets credits against charges, and refuses to come to less than nothing")
    func credits() throws {
        let bill = try Bill(lines([9950, -2450]), in: .usd, less: [percent(1000)], plus: [vat])
        #expect(bill.total == Money(8033, .usd))
        #expect(bill.lines.map(\.discount) == [995, -245])
        #expect(bill.lines.map(\.taxAdded) == [1702, -419])
        #expect(throws: PricingFault.negativeBill(-1)) { try Bill(lines([1, -2]), in: .usd) }
        #expect(try Bill(lines([5, -5]), in: .usd, less: [off(3)], plus: [vat]).total == Money(0, .usd))
    }

    @Test("refuses rates out of bounds, other currencies and negative discounts")
    func refusals() throws {
        let jpy = try #require(Currency("jpy"))
        #expect(throws: PricingFault.otherCurrency("jpy")) { try Bill(lines([1], in: jpy), in: .usd) }
        #expect(throws: PricingFault.otherCurrency("jpy")) { try Bill([], in: .usd, less: [off(1, jpy)]) }
        #expect(throws: PricingFault.unchargeable(-1, "usd")) { try Bill([], in: .usd, less: [off(-1)]) }
        for points in [-1, 10_001, .min, .max] as [Int64] {
            #expect(throws: PricingFault.rateOutOfBounds(points)) { try Bill([], in: .usd, less: [percent(points)]) }
        }
        for rate in [-1, 10_000_001, .min, .max] as [Int64] {
            let tax = TaxRate(name: "x", millionths: rate, isInclusive: true)
            #expect(throws: PricingFault.rateOutOfBounds(rate)) { try Bill([], in: .usd, plus: [tax]) }
        }
        #expect(throws: PricingFault.tooLarge) { try Bill(lines([.max]), in: .usd, plus: [vat]) }
        // The bill comes to 1, and its lines are at the end of 64 bits.
        let double = TaxRate(name: "x", millionths: 1_000_000, isInclusive: false)
        #expect(throws: PricingFault.tooLarge) { try Bill(lines([.max, 1 - .max]), in: .usd, plus: [double]) }
        #expect(try Bill(lines([.max, 1 - .max]), in: .usd, plus: [vat]).total == Money(1, .usd))
    }

    @Test("is nothing when it has no lines")
    func empty() throws {
        let bill = try Bill([], in: .usd, less: [percent(5000), off(100)], plus: [vat])
        #expect(bill.total == Money(0, .usd))
    }

    @Test("adds up in every column, each part within one step of its exact share, whatever stands on it")
    func addsUp() throws {
        let seed = PricingPropertyTests.seed
        var random = SeededNumbers(seed: seed)
        for _ in 0..<20_000 {
            let currency = try #require(PricingPropertyTests.currencies.randomElement(using: &random))
            let amounts = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                Int64.random(in: 0...20_000, using: &random) * currency.step
            }
            let discounts = (0..<Int.random(in: 0...2, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? percent(.random(in: 0...10_000, using: &random))
                    : off(.random(in: 0...9000, using: &random) * currency.step, currency)
            }
            let taxes = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                TaxRate(
                    name: "t",
                    millionths: .random(in: 0...300_000, using: &random),
                    isInclusive: .random(using: &random)
                )
            }
            let bill = try Bill(lines(amounts, in: currency), in: currency, less: discounts, plus: taxes)
            func sum(_ column: (Bill.Line) -> Int64) -> Int64 { bill.lines.map(column).reduce(0, +) }
            let holds =
                sum(\.amount) == bill.subtotal.minor && sum(\.net) == bill.net.minor && sum(\.total) == bill.total.minor
                && sum(\.discount) == bill.reductions.map(\.amount).reduce(0, +)
                && sum(\.tax) == bill.taxes.map(\.amount).reduce(0, +)
                && bill.lines.allSatisfy {
                    (0...$0.amount).contains($0.discount) && $0.net >= 0 && $0.tax >= 0 && $0.total % currency.step == 0
                }
            guard holds else {
                Issue.record("seed \(seed): \(amounts) \(discounts) \(taxes): \(bill)")
                return
            }
        }
    }

    @Test("shares out by the largest remainders, as comparing all the fractions says")
    func largestRemainders() throws {
        var random = SeededNumbers(seed: PricingPropertyTests.seed)
        for _ in 0..<20_000 {
            let weights = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                Int64.random(in: -20...200, using: &random)
            }
            let sum = weights.reduce(0, +)
            guard sum != 0 else { continue }
            let total = Int64.random(in: -300...300, using: &random)
            let parts = try LargestRemainder.parts(of: total, by: weights, step: 1)
            let over = zip(parts, weights).map { Ratio(Int($0)) - Ratio(Int(total * $1), Int(sum)) }
            let isFair =
                parts.reduce(0, +) == total && over.allSatisfy { Ratio(-1) < $0 && $0 < Ratio(1) }
                // Rounded up by less, or by as much and earlier, than any that was rounded down would have been.
                && over.indices.allSatisfy { up in
                    over.indices.allSatisfy { down in
                        guard Ratio(0) < over[up], over[down] < Ratio(0) else { return true }
                        let instead = over[down] - Ratio(-1)
                        return over[up] < instead || (over[up] == instead && up < down)
                    }
                }
            guard isFair else {
                Issue.record("seed \(PricingPropertyTests.seed): \(total) by \(weights): \(parts)")
                return
            }
        }
    }
}
