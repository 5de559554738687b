import Outbound
import Web

/// What Lago answered instead of what was asked for.
struct LagoError: Error, Sendable, CustomStringConvertible {
    let status: Int
    let message: String

    var description: String { "Lago answers \(status): \(message)" }
}

/// Lago's API (getlago.com/docs/api-reference), through a lane of its own: bounded, timed out, behind a breaker.
struct LagoClient: Sendable {
    /// Lago's own bound for a batch.
    static let batchSize = 100

    private let lane: Lane
    private let base: String
    private let key: String

    init(lane: Lane, base: String, key: String) {
        (self.lane, self.base, self.key) = (lane, base, key)
    }

    /// Sends events as one batch, of which Lago takes all or none.
    /// - Returns: for a refused batch what is wrong with which events, by their position; empty when all were taken.
    /// - Throws: ``LagoError``, `OutboundError`.
    func send(_ events: [LagoEvent]) async throws -> [Int: String] {
        let body = try JSONEncoding.bytes(of: JSONValue.object([.init("events", .array(events.map(\.payload)))]))
        let request = OutboundRequest(
            .post,
            base + "/api/v1/events/batch",
            headers: headers + [("Content-Type", "application/json")],
            body: body,
            timeout: .seconds(15),
            connectTimeout: .seconds(2)
        )
        let response = try await lane.send(request)
        if (200...299).contains(response.status) { return [:] }
        let answer = try? JSONParser.parse(response.body)
        if response.status == 422, case .object(let details)? = answer?["error_details"] {
            let faults = details.compactMap { detail -> (Int, String)? in
                guard let position = Int(detail.name), events.indices.contains(position) else { return nil }
                return (position, Self.words(in: detail.value))
            }
            if !faults.isEmpty { return Dictionary(faults) { first, _ in first } }
        }
        throw LagoError(status: response.status, message: answer?["error"]?.string ?? "no reason given")
    }

    /// The codes of a validation error, such as `value_already_exist`.
    private static func words(in value: JSONValue) -> String {
        switch value {
        case .object(let members): members.map { "\($0.name): \(words(in: $0.value))" }.joined(separator: ", ")
        case .array(let items): items.map(words).joined(separator: ", ")
        default: value.string ?? ""
        }
    }

    /// What Lago counts of an account in its present billing period, by meter.
    /// - Throws: ``LagoError``, `OutboundError`.
    func currentUsage(of accountID: Int64) async throws -> (since: Timestamp?, units: [String: Int64]) {
        let id = LagoEvent.externalID(of: accountID)
        let request = OutboundRequest(
            .get,
            base + "/api/v1/customers/\(id)/current_usage?external_subscription_id=\(id)",
            headers: headers,
            timeout: .seconds(2),
            connectTimeout: .seconds(1)
        )
        let response = try await lane.send(request)
        let answer = try? JSONParser.parse(response.body)
        // A customer that Lago does not know has used nothing there.
        if response.status == 404 { return (nil, [:]) }
        guard response.status == 200, let usage = answer?["customer_usage"] else {
            throw LagoError(status: response.status, message: answer?["error"]?.string ?? "no reason given")
        }
        var units: [String: Int64] = [:]
        if case .array(let charges)? = usage["charges_usage"] {
            for charge in charges {
                guard let code = charge["billable_metric"]?["code"]?.string else { continue }
                // A metric may be charged twice; its units are the same in both.
                units[code] = max(units[code] ?? 0, Self.whole(charge["units"]))
            }
        }
        return (usage["from_datetime"]?.string.flatMap { Timestamp($0) }, units)
    }

    /// `"12.0"` and 12 are 12; what is no number is nothing.
    private static func whole(_ units: JSONValue?) -> Int64 {
        switch units {
        case .integer(let number)?: max(0, number)
        case .string(let text)?, .decimal(let text)?:
            max(0, text.split(separator: ".").first.flatMap { Int64($0) } ?? 0)
        default: 0
        }
    }

    private var headers: [(String, String)] { [("Authorization", "Bearer \(key)")] }
}
