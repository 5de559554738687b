import Web

/// What a tiered campaign pays, by how many conversions the referrer had before. Clients write it in several ways:
/// `{"tiers": […]}` or the list alone, either as JSON or as a text of it, and under several names.
struct RewardTiers: Sendable, Equatable {
    struct Tier: Sendable, Equatable {
        /// Of the referrer's earlier conversions, the least that it takes.
        let from: Int64
        /// As ``Campaign/Terms/rewardMicros``.
        let micros: Int64
    }

    static let most = 50
    fileprivate static let thresholdNames = ["minConversions", "min", "from", "threshold", "conversions"]
    fileprivate static let rewardNames = ["reward", "rewardValue", "value", "amount"]

    /// By ``Tier/from``, each once.
    let tiers: [Tier]

    /// What a referrer with that many earlier conversions earns; nil below the first tier.
    func micros(after conversions: Int64) -> Int64? {
        tiers.last { $0.from <= conversions }?.micros
    }

    /// - Throws: ``Failure`` 400 under `tierConfig`.
    init(_ config: JSONValue) throws {
        var tiers: [Tier] = []
        for item in try Self.items(config) {
            let tier = try Tier(item)
            guard !tiers.contains(where: { $0.from == tier.from }) else {
                throw Self.fault("has two tiers from \(tier.from) conversions on")
            }
            tiers.append(tier)
        }
        self.tiers = tiers.sorted { $0.from < $1.from }
    }

    private static func items(_ config: JSONValue) throws -> [JSONValue] {
        switch config {
        case .array(let items):
            guard items.count <= most else { throw fault("must have at most \(most) tiers") }
            return items
        case .object:
            guard let tiers = config["tiers"] else { throw fault("must be a list of tiers") }
            guard case .array = tiers else { throw fault("must be a list of tiers") }
            return try items(tiers)
        case .string(let text):
            guard let parsed = try? JSONParser.parse(Array(text.utf8)), parsed.string == nil else {
                throw fault("must be a list of tiers")
            }
            return try items(parsed)
        default:
            throw fault("must be a list of tiers")
        }
    }

    fileprivate static func number(_ names: [String], in item: JSONValue) throws -> UnitPrice {
        let found = names.lazy.compactMap { item[$0] }.first
        let text: String? =
            switch found {
            case .integer(let number)?: "\(number)"
            case .decimal(let number)?: number
            case .string(let typed)?: typed
            default: nil
            }
        guard let text, let number = UnitPrice(text) else {
            throw fault("needs a number of at least 0 as \(names[0]) in each tier")
        }
        return number
    }

    fileprivate static func fault(_ sentence: String) -> Failure { .invalid("tierConfig", sentence) }
}

extension RewardTiers.Tier {
    fileprivate init(_ item: JSONValue) throws {
        let from = try RewardTiers.number(RewardTiers.thresholdNames, in: item).micros
        guard from % UnitPrice.perMajor == 0 else {
            throw RewardTiers.fault("needs a whole number as minConversions in each tier")
        }
        let micros = try RewardTiers.number(RewardTiers.rewardNames, in: item).micros
        guard micros <= Campaign.mostMicros else {
            throw RewardTiers.fault("may pay at most \(UnitPrice(micros: Campaign.mostMicros).text)")
        }
        self.init(from: from / UnitPrice.perMajor, micros: micros)
    }
}

extension Campaign {
    /// The most that a reward, or a cap of one, may be, in millionths.
    static let mostMicros: Int64 = 100_000 * UnitPrice.perMajor
}
