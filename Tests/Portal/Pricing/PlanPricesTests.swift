import Testing
import Web

@testable import Portal

@Suite("The prices of a plan")
struct PlanPricesTests {
    private func read(_ text: String) throws -> PlanPrices {
        try InputDecoder.decode(PlanPrices.self, from: try JSONParser.parse(Array(text.utf8)))
    }

    private func write(_ plan: PlanPrices) throws -> String {
        String(decoding: try JSONEncoding.bytes(of: plan), as: UTF8.self)
    }

    private func faults(_ items: PlanPrices.Item...) -> [String] {
        do {
            _ = try PlanPrices(currency: .usd, items: items)
            return []
        } catch let failure as Failure {
            return failure.fields.map { "\($0.field) \($0.message)" }
        } catch {
            return ["\(error)"]
        }
    }

    static let everything = """
        {"currency": "USD", "items": [
            {"name": "base", "label": "Growth", "model": "flat", "amount": 49},
            {"name": "calls", "label": "API calls", "meter": "calls", "model": "per_unit",
             "unit_price": 0.0005, "included": 100000},
            {"name": "storage", "meter": "storage", "model": "graduated", "minimum": 2.5, "tiers": [
                {"up_to": 1000, "unit_price": 0.1, "flat": 5}, {"up_to": null, "unit_price": 0.05}]},
            {"name": "jobs", "meter": "jobs", "model": "volume", "tiers": [{"unit_price": 1.0}]},
            {"name": "mails", "meter": "mails", "model": "package", "package_size": 1000, "package_price": 0.80,
             "overage": {"after": 50000, "unit_price": 0.002}, "prorates": "fees_and_allowances"}]}
        """

    @Test("are read from JSON")
    func reads() throws {
        let plan = try read(Self.everything)
        #expect(plan.currency == .usd)
        #expect(plan.items.map(\.model.kind) == [.flat, .perUnit, .graduated, .volume, .package])
        #expect(plan.items.map(\.label) == ["Growth", "API calls", "storage", "jobs", "mails"])
        #expect(plan.items[1].included == 100_000)
        #expect(plan.items[2].model.tiers.map(\.upTo) == [1000, nil])
        #expect(plan.items[2].minimum == UnitPrice("2.5"))
        #expect(plan.items[4].overage == PlanPrices.Overage(after: 50_000, unitPrice: UnitPrice(micros: 2000)))
        #expect(plan.items.map(\.prorates) == [.fees, .fees, .fees, .fees, .feesAndAllowances])
    }

    @Test("come back the same from the JSON they are written as")
    func roundTrip() throws {
        let plan = try read(Self.everything)
        #expect(try read(try write(plan)) == plan)
        var random = SeededNumbers(seed: 7)
        for _ in 0..<500 {
            let plan = try PlanPrices(currency: .usd, items: [RandomPlans.item(&random)])
            #expect(try read(try write(plan)) == plan)
        }
        let free = PlanPrices(free: try #require(Currency("kwd")))
        #expect(try write(free) == #"{"currency":"kwd","items":[]}"#)
    }

    @Test(
        "refuse members that they do not know, wherever they stand",
        arguments: [
            (#"{"currency":"usd","items":[],"note":1}"#, ""),
            (#"{"currency":"usd","items":[{"name":"a","model":"flat","amount":1,"unit_prise":1}]}"#, "items[0]"),
            (
                #"{"currency":"usd","items":[{"name":"a","model":"volume","tiers":[{"unit_price":1,"x":0}]}]}"#,
                "items[0].tiers[0]"
            ),
            (
                #"""
                {"currency":"usd","items":[{"name":"a","meter":"a","model":"flat","amount":1,
                 "overage":{"after":1,"unit_price":1,"upto":1}}]}
                """#, "items[0].overage"
            ),
        ]
    )
    func unknownMembers(text: String, field: String) throws {
        let fault = #expect(throws: FieldFault.self) { try read(text) }
        #expect(fault?.field == field)
        #expect(fault?.message.hasPrefix("has a member that is not known here") == true)
    }

    @Test(
        "refuse what cannot be read, by its field",
        arguments: [
            (#"{"items":[]}"#, "currency"), (#"{"currency":"xxx","items":[]}"#, "currency"),
            (#"{"currency":"usd"}"#, "items"), (#"{"currency":"usd","items":[{"model":"flat"}]}"#, "items[0].name"),
            (#"{"currency":"usd","items":[{"name":"a","model":"flatt"}]}"#, "items[0].model"),
            (#"{"currency":"usd","items":[{"name":"a","model":"flat","amount":"1"}]}"#, "items[0].amount"),
            (#"{"currency":"usd","items":[{"name":"a","model":"flat","amount":-1}]}"#, "items[0].amount"),
            (#"{"currency":"usd","items":[{"name":"a","model":"flat","amount":1e2}]}"#, "items[0].amount"),
            (#"{"currency":"usd","items":[{"name":"a","model":"flat","amount":0.0000001}]}"#, "items[0].amount"),
        ]
    )
    func unreadable(text: String, field: String) throws {
        let fault = #expect(throws: FieldFault.self) { try read(text) }
        #expect(fault?.field == field)
    }

    @Test("name what a model lacks and what does not belong to it, together with all else that is wrong")
    func wrongMembers() throws {
        let text = """
            {"currency":"usd","items":[
                {"name":"a","model":"flat","unit_price":1},
                {"name":"B","meter":"m","model":"package","package_size":0},
                {"name":"c","meter":"m","model":"graduated","included":-1}]}
            """
        let failure = #expect(throws: Failure.self) { try read(text) }
        #expect(failure?.status == 400)
        #expect(
            Set(failure?.fields.map(\.field) ?? []) == [
                "items[0].amount", "items[0].unit_price", "items[1].name", "items[1].package_size",
                "items[1].package_price", "items[2].tiers", "items[2].included",
            ]
        )
    }

    @Test("have tiers that rise, all closed but the last")
    func tiers() {
        let one = UnitPrice(micros: 1)
        func item(_ ends: [Int64?]) -> PlanPrices.Item {
            let tiers = ends.map { PriceModel.Tier(upTo: $0, unitPrice: one) }
            return PlanPrices.Item(name: "a", meter: "m", model: .graduated(tiers))
        }
        #expect(faults(item([1, 2, nil])) == [])
        #expect(faults(item([])) == ["items[0].tiers must be 1 to 100"])
        #expect(faults(item(Array(1...100) + [nil])) == ["items[0].tiers must be 1 to 100"])
        #expect(faults(item([0, nil])) == ["items[0].tiers[0].up_to must be more than 0, where the tier begins"])
        #expect(faults(item([5, 5, nil])) == ["items[0].tiers[1].up_to must be more than 5, where the tier begins"])
        #expect(faults(item([5, nil, nil])) == ["items[0].tiers[1].up_to is required in all tiers but the last"])
        #expect(
            faults(item([5])) == ["items[0].tiers[0].up_to must be left out of the last tier, which has no end"]
        )
    }

    @Test("have no price below zero")
    func negative() {
        let low = UnitPrice(micros: -1)
        let tiers = [PriceModel.Tier(upTo: nil, unitPrice: low, flat: low)]
        let overage = PlanPrices.Overage(after: -1, unitPrice: low)
        #expect(
            faults(
                PlanPrices.Item(name: "a", model: .flat(low), minimum: low),
                PlanPrices.Item(name: "b", meter: "m", model: .perUnit(low), included: -1, overage: overage),
                PlanPrices.Item(name: "c", meter: "m", model: .volume(tiers)),
                PlanPrices.Item(name: "d", meter: "m", model: .package(size: 0, price: low))
            ).map { String($0.prefix { $0 != " " }) } == [
                "items[0].amount", "items[0].minimum", "items[1].unit_price", "items[1].included",
                "items[1].overage.unit_price", "items[1].overage.after", "items[2].tiers[0].unit_price",
                "items[2].tiers[0].flat", "items[3].package_size", "items[3].package_price",
            ]
        )
    }

    @Test("have items with names of their own, and meters where usage is priced")
    func names() {
        let flat = PriceModel.flat(.zero)
        #expect(faults(PlanPrices.Item(name: "a", model: flat), PlanPrices.Item(name: "b", model: flat)) == [])
        #expect(
            faults(PlanPrices.Item(name: "a", model: flat), PlanPrices.Item(name: "a", model: flat)) == [
                "items[1].name is the name of an earlier item"
            ]
        )
        let long = String(repeating: "x", count: 65)
        for name in ["", "A", "a b", "é", long] {
            #expect(faults(PlanPrices.Item(name: name, label: "x", model: flat)).count == 1)
        }
        for label in ["", "a\u{0}b", String(repeating: "x", count: 121)] {
            #expect(faults(PlanPrices.Item(name: "a", label: label, model: flat)).count == 1)
        }
        #expect(
            faults(PlanPrices.Item(name: "a", model: .perUnit(.zero))) == [
                "items[0].meter is required, as usage is priced"
            ]
        )
        #expect(
            faults(PlanPrices.Item(name: "a", meter: "m", model: flat)) == [
                "items[0].meter says nothing on a flat price without overage"
            ]
        )
    }

    @Test("keep overage past the allowance, and a flat price's allowance in its overage")
    func allowances() {
        let overage = PlanPrices.Overage(after: 9, unitPrice: .zero)
        let late = PlanPrices.Item(name: "a", meter: "m", model: .perUnit(.zero), included: 10, overage: overage)
        #expect(faults(late) == ["items[0].overage.after must not be less than what is included"])
        let flat = PlanPrices.Item(name: "a", meter: "m", model: .flat(.zero), included: 9, overage: overage)
        #expect(faults(flat) == ["items[0].included does not belong to a flat price: overage.after does"])
    }

    @Test("are at most a hundred")
    func count() throws {
        let items = (0...100).map { PlanPrices.Item(name: "i\($0)", model: .flat(.zero)) }
        _ = try PlanPrices(currency: .usd, items: Array(items.prefix(100)))
        let failure = #expect(throws: Failure.self) { try PlanPrices(currency: .usd, items: items) }
        #expect(failure?.fields.map(\.field) == ["items"])
    }

    @Test("are described for the API's document")
    func schema() {
        #expect(PlanPrices.schema.properties.map(\.name) == ["currency", "items"])
        guard case .array(let item, _) = PlanPrices.schema.properties[1].schema else {
            Issue.record("items is no array")
            return
        }
        #expect(
            item.properties.map(\.name).sorted() == PlanPricesForm.Item.CodingKeys.allCases.map(\.rawValue).sorted()
        )
        #expect(item.properties.filter(\.isRequired).map(\.name) == ["name", "model"])
    }
}
