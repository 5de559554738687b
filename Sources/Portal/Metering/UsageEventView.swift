import Storage
import Web

/// A use as the API shows it, with its history.
struct UsageEventView: JSONOutput {
    struct Correction: Codable, Sendable {
        let kind: UsageCorrections.Kind
        /// What it counts more, or less where negative.
        let quantity: Int64
        let cost: Dollars
        let reason: String
        let madeAt: Timestamp

        enum CodingKeys: String, CodingKey {
            case kind, quantity, cost, reason
            case madeAt = "made_at"
        }
    }

    let id: Int64
    /// The client's own.
    let eventID: Nullable<String>
    let meter: String
    let backend: String
    /// What it counts now, all corrections included.
    let quantity: Int64
    /// As it was recorded.
    let recordedQuantity: Int64
    let unitPrice: Dollars
    let cost: Dollars
    let occurredAt: Timestamp
    let recordedAt: Timestamp
    let isVoid: Bool
    /// Oldest first.
    let corrections: [Correction]

    enum CodingKeys: String, CodingKey {
        case id, meter, backend, quantity, cost, corrections
        case eventID = "event_id"
        case recordedQuantity = "recorded_quantity"
        case unitPrice = "unit_price"
        case occurredAt = "occurred_at"
        case recordedAt = "recorded_at"
        case isVoid = "void"
    }

    init(_ event: EventDigest.Event, _ db: borrowing Database) throws {
        let made = try UsageCorrections.list(of: event.id, db)
        (id, eventID, meter, backend) = (event.id, Nullable(event.eventKey), event.meter, event.backend)
        recordedQuantity = event.quantity
        quantity = made.reduce(event.quantity) { $0 + $1.quantity }
        unitPrice = Dollars(micros: event.unitMicros)
        cost = Dollars(micros: quantity * event.unitMicros)
        (occurredAt, recordedAt) = (
            Timestamp(milliseconds: event.occurredAt), Timestamp(milliseconds: event.recordedAt)
        )
        isVoid = made.last?.kind == .void
        corrections = made.map {
            Correction(kind: $0.kind, quantity: $0.quantity, cost: $0.cost, reason: $0.reason, madeAt: $0.madeAt)
        }
    }
}
