import Outbound
import Web

/// Where a customer wants to be told: held to ``Outbound/Destination`` before it is stored, and at each attempt again.
struct WebhookURL: Codable, Sendable, Documented {
    let value: String

    init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(String.self)
        guard (1...2048).contains(value.utf8.count), value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ValueFault("must have 1 to 2048 characters, none of them a blank or beyond ASCII")
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }

    /// - Throws: ``Failure`` 400.
    func check(_ policy: AddressPolicy) throws {
        do {
            _ = try Destination(value, policy)
        } catch OutboundError.invalidRequest(let sentence) {
            throw Failure.invalid("url", sentence)
        }
    }

    private init(unchecked value: String) {
        self.value = value
    }

    static var schema: Schema { .string(min: 1, max: 2048, pattern: "^[!-~]+$", format: "uri") }
    static var sample: WebhookURL { WebhookURL(unchecked: "https://example.com/") }
}
