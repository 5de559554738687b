import Web

/// The bounds of what callers send about campaigns.
typealias CampaignDescription = Text<0, 2000>
typealias CampaignDays = Whole<1, 3650>

/// A reward or a cap of one, or percents: up to 100,000 with at most six decimals.
struct RewardNumber: Codable, Sendable, Documented {
    let micros: Int64

    static var schema: Schema { UnitPrice.schema }
    static var sample: RewardNumber { RewardNumber(micros: 0) }

    private init(micros: Int64) {
        self.micros = micros
    }

    init(from decoder: any Decoder) throws {
        micros = try UnitPrice(from: decoder).micros
        guard micros <= Campaign.mostMicros else {
            throw ValueFault("must be at most \(UnitPrice(micros: Campaign.mostMicros).text)")
        }
    }

    func encode(to encoder: any Encoder) throws {
        try UnitPrice(micros: micros).encode(to: encoder)
    }
}

/// When a campaign begins or ends: a moment, or a day in UTC, all of which is part of it. Empty: at no time.
struct CampaignDate: Codable, Sendable, Documented {
    private let text: String
    /// The first millisecond, and the last.
    let begin: Timestamp?
    let end: Timestamp?

    static var schema: Schema { .string(min: nil, max: nil, pattern: nil, format: "date") }
    static var sample: CampaignDate { CampaignDate(text: "", begin: nil, end: nil) }

    private init(text: String, begin: Timestamp?, end: Timestamp?) {
        (self.text, self.begin, self.end) = (text, begin, end)
    }

    init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
        if text.isEmpty {
            (begin, end) = (nil, nil)
        } else if let day = Day(text) {
            begin = Timestamp(day: day)
            end = Timestamp(milliseconds: Timestamp(day: Day(number: day.number + 1)).milliseconds - 1)
        } else if let moment = Timestamp(text) {
            (begin, end) = (moment, moment)
        } else {
            throw ValueFault("must be a day such as 2026-02-02 or a time such as 2026-02-02T10:00:00Z")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// What a campaign's codes begin with: up to 16 letters, digits, `_` and `-`, since they stand in links.
struct CodePrefix: Codable, Sendable, Documented {
    let value: String

    static var schema: Schema { .string(min: nil, max: 16, pattern: "^[A-Za-z0-9_-]{0,16}$", format: nil) }
    static var sample: CodePrefix { CodePrefix(value: "") }

    private init(value: String) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(String.self)
        let isPlain = value.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
                || byte == 45
        }
        guard isPlain, value.utf8.count <= 16 else {
            throw ValueFault("must be up to 16 letters, digits, _ and -")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// Tiers as the client wrote them, and read.
struct TierConfig: Codable, Sendable, Documented {
    let sent: JSONValue

    static var schema: Schema {
        .array(
            .object([
                .init("minConversions", .integer(min: 0, max: nil), isRequired: true),
                .init("rewardValue", UnitPrice.schema, isRequired: true),
            ]),
            max: RewardTiers.most
        )
    }
    static var sample: TierConfig { TierConfig(sent: .array([])) }

    private init(sent: JSONValue) {
        self.sent = sent
    }

    init(from decoder: any Decoder) throws {
        guard let value = InputDecoder.value(of: decoder) else { throw ValueFault("must be JSON") }
        sent = value
        _ = try RewardTiers(value)
    }

    func encode(to encoder: any Encoder) throws {
        try sent.encode(to: encoder)
    }
}
