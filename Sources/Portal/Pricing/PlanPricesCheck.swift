import Web

/// Finds what is wrong with a plan's prices: all of it at once, each by its field.
enum PlanPricesCheck {
    /// - Throws: ``Failure`` (400) when there are faults, with all of them.
    static func failure(_ faults: [FieldFault]) throws {
        guard let first = faults.first else { return }
        var failure = Failure.invalid(first.field, first.message)
        failure.fields = faults.flatMap { Failure.invalid($0.field, $0.message).fields }
        throw failure
    }

    static func faults(in items: [PlanPrices.Item]) -> [FieldFault] {
        var faults: [FieldFault] = []
        if items.count > PlanPrices.mostItems {
            faults.append(FieldFault(field: "items", message: "must be at most \(PlanPrices.mostItems)"))
        }
        var names: Set<[UInt8]> = []
        for (position, item) in items.enumerated() {
            var check = ItemCheck(item, at: "items[\(position)]")
            check.run()
            if !names.insert(Array(item.name.utf8)).inserted {
                check.fault("name", "is the name of an earlier item")
            }
            faults += check.faults
        }
        return faults
    }
}

private struct ItemCheck {
    let item: PlanPrices.Item
    let path: String
    var faults: [FieldFault] = []

    init(_ item: PlanPrices.Item, at path: String) {
        (self.item, self.path) = (item, path)
    }

    mutating func fault(_ field: String, _ message: String) {
        faults.append(FieldFault(field: "\(path).\(field)", message: message))
    }

    mutating func run() {
        let plain = "must be 1 to 64 small letters, digits and the characters _ . : -"
        if !isPlain(item.name) { fault("name", plain) }
        if Text<1, 120>(item.label) == nil { fault("label", "must be 1 to 120 characters, none of them for control") }
        if let meter = item.meter, !isPlain(meter) { fault("meter", plain) }
        checkModel()
        checkAllowance()
        notNegative(item.minimum, "minimum")
    }

    private mutating func checkModel() {
        switch item.model {
        case .flat(let amount):
            notNegative(amount, "amount")
            let isMetered = item.meter != nil
            if isMetered, item.overage == nil { fault("meter", "says nothing on a flat price without overage") }
            if item.included != 0 { fault("included", "does not belong to a flat price: overage.after does") }
        case .perUnit(let price):
            notNegative(price, "unit_price")
        case .graduated(let tiers), .volume(let tiers):
            checkTiers(tiers)
        case .package(let size, let price):
            if size < 1 { fault("package_size", "must be at least 1") }
            notNegative(price, "package_price")
        }
        let needsMeter = item.model.kind != .flat || item.overage != nil
        if needsMeter, item.meter == nil { fault("meter", "is required, as usage is priced") }
    }

    private mutating func checkTiers(_ tiers: [PriceModel.Tier]) {
        guard (1...PlanPrices.mostTiers).contains(tiers.count) else {
            return fault("tiers", "must be 1 to \(PlanPrices.mostTiers)")
        }
        var last: Int64 = 0
        for (position, tier) in tiers.enumerated() {
            let field = "tiers[\(position)]"
            notNegative(tier.unitPrice, "\(field).unit_price")
            notNegative(tier.flat, "\(field).flat")
            switch (tier.upTo, position == tiers.count - 1) {
            case (nil, true): break
            case (nil, false): fault("\(field).up_to", "is required in all tiers but the last")
            case (_?, true): fault("\(field).up_to", "must be left out of the last tier, which has no end")
            case (let upTo?, false):
                if upTo <= last { fault("\(field).up_to", "must be more than \(last), where the tier begins") }
                last = max(last, upTo)
            }
        }
    }

    private mutating func checkAllowance() {
        if item.included < 0 { fault("included", "must not be negative") }
        guard let overage = item.overage else { return }
        notNegative(overage.unitPrice, "overage.unit_price")
        if overage.after < max(0, item.included) {
            fault("overage.after", "must not be less than what is included")
        }
    }

    private mutating func notNegative(_ price: UnitPrice, _ field: String) {
        if price.micros < 0 { fault(field, "must not be negative") }
    }

    private func isPlain(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "_.:-".utf8.contains($0) }
    }
}
