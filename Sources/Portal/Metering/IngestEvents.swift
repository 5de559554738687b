import Storage
import Web

/// `POST /api/v1/usage/events`: up to 1000 uses that have happened, each answered on its own, all acknowledged only
/// when they are durable.
///
/// An event with an `id` is counted once for ever: a repeat, in this body or any later one, is a `duplicate`.
struct IngestEvents: Endpoint {
    static let mostEvents = 1000
    /// How far an event may lie in the past, and its clock run ahead of ours.
    static let oldestDays = 366
    static let aheadSeconds: Int64 = 300

    struct Input: Codable, Sendable {
        let events: [Sent]
    }

    /// What stands for an event in the body, decoded later on its own: one that is wrong is rejected alone.
    struct Sent: Codable, Sendable, Documented {
        let value: JSONValue

        static var schema: Schema { .probing(Event.self) }
        static var sample: Sent { Sent(value: .null) }

        init(value: JSONValue) {
            self.value = value
        }

        init(from decoder: any Decoder) throws {
            value = try AnyJSON(from: decoder).value
        }

        func encode(to encoder: any Encoder) throws {
            try value.encode(to: encoder)
        }
    }

    /// One event as it must be.
    struct Event: Codable, Sendable {
        let id: Text<1, 255>?
        let backend: Backend
        let shots: Quantity?
        let quantity: Quantity?
        let meter: ClientMeter?
        let occurredAt: Timestamp?

        enum CodingKeys: String, CodingKey {
            case id, backend, shots, quantity, meter
            case occurredAt = "occurred_at"
        }
    }

    enum Status: String, Codable, CaseIterable, Documented {
        case accepted, duplicate, rejected

        static var sample: Status { .accepted }
    }

    struct Result: Codable, Sendable {
        var id: String?
        let status: Status
        /// The field at fault and why, for a rejected event.
        var field: String?
        var error: String?
    }

    struct Answer: JSONOutput {
        let accepted: Int
        let duplicate: Int
        let rejected: Int
        /// In the order of the events.
        let results: [Result]
        /// True when a test key asked: nothing was recorded or charged.
        let test: Bool?

        init(_ results: [Result], isTest: Bool) {
            test = isTest ? true : nil
            accepted = results.count { $0.status == .accepted }
            duplicate = results.count { $0.status == .duplicate }
            rejected = results.count { $0.status == .rejected }
            self.results = results
        }
    }

    private enum Reading: Sendable {
        case event(Event, Int64)
        case refused(Result)
    }

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer {
        guard (1...mostEvents).contains(input.events.count) else {
            throw Failure.invalid("events", "must hold 1 to \(mostEvents) events")
        }
        let (now, prices) = (app.now(), app.prices)
        let readings = input.events.map { read($0.value, at: now) }
        let isTest = caller.isTest
        return try await app.meter(.shots, by: caller, at: now) { _, batch, db in
            Answer(try record(readings, &batch, prices, at: now, db), isTest: isTest)
        }
    }

    private static func read(_ value: JSONValue, at now: Timestamp) -> Reading {
        do {
            let event = try InputDecoder.decode(Event.self, from: value)
            guard let quantity = (event.quantity ?? event.shots)?.value else {
                throw FieldFault(field: "quantity", message: "is required")
            }
            if let moment = event.occurredAt {
                guard moment <= now.adding(seconds: aheadSeconds), moment >= now.adding(days: -oldestDays) else {
                    throw FieldFault(field: "occurred_at", message: "must lie within the last \(oldestDays) days")
                }
            }
            return .event(event, quantity)
        } catch {
            let fault = error as? FieldFault ?? FieldFault(field: "", message: "is not an event")
            return .refused(
                Result(id: value["id"]?.string, status: .rejected, field: fault.field, error: fault.message)
            )
        }
    }

    private static func record(
        _ readings: [Reading],
        _ batch: inout UsageBatch,
        _ prices: PriceBook,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws -> [Result] {
        var results: [Result] = []
        results.reserveCapacity(readings.count)
        for reading in readings {
            guard case .event(let event, let quantity) = reading else {
                if case .refused(let result) = reading { results.append(result) }
                continue
            }
            let moment = event.occurredAt ?? now
            let meter = event.meter?.meter ?? .shots
            let use = UsageEvent(
                meter: meter,
                backend: event.backend,
                quantity: quantity,
                price: try prices.find(meter, event.backend, on: moment.day, db),
                occurredAt: moment,
                eventKey: event.id?.value
            )
            let isNew = try batch.add(use, db) != nil
            results.append(Result(id: event.id?.value, status: isNew ? .accepted : .duplicate))
        }
        return results
    }
}
