import Web

extension PlanPrices: Codable, Documented {
    static var schema: Schema { .probing(PlanPricesForm.self) }
    static var sample: PlanPrices { PlanPrices(free: .usd) }

    /// - Throws: ``FieldFault`` for what cannot be read; ``Failure`` (400) with all that can be read and makes no
    ///   sense, its fields named from the plan's object on.
    init(from decoder: any Decoder) throws {
        let form = try Strict<PlanPricesForm>(from: decoder).form
        var faults: [FieldFault] = []
        var items: [Item] = []
        for (position, item) in form.items.enumerated() {
            items.append(try item.form.item(at: "items[\(position)]", &faults))
        }
        try PlanPricesCheck.failure(faults + PlanPricesCheck.faults(in: items))
        try self.init(currency: form.currency, items: items)
    }

    func encode(to encoder: any Encoder) throws {
        let items = items.map { Strict(PlanPricesForm.Item($0)) }
        try PlanPricesForm(currency: currency, items: items).encode(to: encoder)
    }
}

extension PlanPricesForm.Item {
    /// Members that each model needs and no other may have.
    private static let own: [PriceModel.Kind: [CodingKeys]] = [
        .flat: [.amount], .perUnit: [.unitPrice], .graduated: [.tiers], .volume: [.tiers],
        .package: [.packageSize, .packagePrice],
    ]

    private var given: Set<CodingKeys> {
        var given: Set<CodingKeys> = []
        if amount != nil { given.insert(.amount) }
        if unitPrice != nil { given.insert(.unitPrice) }
        if packageSize != nil { given.insert(.packageSize) }
        if packagePrice != nil { given.insert(.packagePrice) }
        if tiers != nil { given.insert(.tiers) }
        return given
    }

    /// What is missing is noted and stands in as harmless, so that the rest is checked as well.
    fileprivate func item(at path: String, _ faults: inout [FieldFault]) throws -> PlanPrices.Item {
        let (own, given) = (Self.own[model] ?? [], given)
        for key in CodingKeys.allCases where own.contains(key) != given.contains(key) {
            let message =
                own.contains(key)
                ? "is required in a \(model.rawValue) price"
                : Self.own.values.contains { $0.contains(key) } ? "does not belong to a \(model.rawValue) price" : nil
            if let message { faults.append(FieldFault(field: "\(path).\(key.rawValue)", message: message)) }
        }
        let tiers =
            tiers?.map { strict in
                PriceModel.Tier(
                    upTo: strict.form.upTo,
                    unitPrice: strict.form.unitPrice,
                    flat: strict.form.flat ?? .zero
                )
            } ?? [PriceModel.Tier(upTo: nil, unitPrice: .zero)]
        let priced: PriceModel =
            switch model {
            case .flat: .flat(amount ?? .zero)
            case .perUnit: .perUnit(unitPrice ?? .zero)
            case .graduated: .graduated(tiers)
            case .volume: .volume(tiers)
            case .package: .package(size: packageSize ?? 1, price: packagePrice ?? .zero)
            }
        return PlanPrices.Item(
            name: name,
            label: label,
            meter: meter,
            model: priced,
            included: included ?? 0,
            overage: overage.map { PlanPrices.Overage(after: $0.form.after, unitPrice: $0.form.unitPrice) },
            minimum: minimum ?? .zero,
            prorates: prorates ?? .fees
        )
    }

    fileprivate init(_ item: PlanPrices.Item) {
        (name, label, meter, model) = (item.name, item.label, item.meter, item.model.kind)
        switch item.model {
        case .flat(let amount): self.amount = amount
        case .perUnit(let price): unitPrice = price
        case .package(let size, let price): (packageSize, packagePrice) = (size, price)
        case .graduated(let tiers), .volume(let tiers):
            self.tiers = tiers.map {
                Strict(PlanPricesForm.Tier(upTo: $0.upTo, unitPrice: $0.unitPrice, flat: $0.flat))
            }
        }
        included = item.included
        overage = item.overage.map { Strict(PlanPricesForm.Overage(after: $0.after, unitPrice: $0.unitPrice)) }
        (minimum, prorates) = (item.minimum, item.prorates)
    }
}
