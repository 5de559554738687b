import Storage
import Web

/// What happens to an invoice that is not paid, and when: the operator's to set.
struct DunningSchedule: Codable, Sendable, Equatable {
    enum Action: String, Codable, Sendable, CaseIterable, Documented {
        /// The preferred card, if there is one.
        case charge
        /// A reminder; not where a charge is made, which mails by itself when it fails.
        case mail
        /// No more use that costs.
        case restrict
        /// Nothing more at all, until it is paid.
        case suspend
        /// Ends the subscription.
        case cancel
        /// The books expect the money no more, and what was taken is given back.
        case writeOff = "write_off"

        static var sample: Action { .charge }

        /// Whether it takes something from the account.
        var takes: Bool { self != .charge && self != .mail }
    }

    struct Step: Codable, Sendable, Equatable {
        /// From when the invoice was made out, or from its due date for accounts without a card.
        let afterDays: Whole<0, 365>
        let `do`: [Action]

        enum CodingKeys: String, CodingKey {
            case `do`
            case afterDays = "after_days"
        }

        var takes: Bool { self.do.contains { $0.takes } }
    }

    /// Days after the due date before any step takes something away, whatever day it is set to.
    let graceDays: Whole<0, 365>
    /// In order of their days.
    let steps: [Step]

    enum CodingKeys: String, CodingKey {
        case steps
        case graceDays = "grace_days"
    }

    /// Ours: three charges in a week, then a week's patience. Nothing is written off by itself: whether a debt is worth
    /// collecting is for people to say.
    static let initial = DunningSchedule(
        grace: 0,
        [
            (0, [.charge]), (3, [.charge, .mail]), (7, [.charge, .mail]), (14, [.restrict]), (21, [.suspend]),
            (30, [.cancel]),
        ]
    )

    /// - Throws: ``Failure`` 400.
    func check() throws {
        guard steps.count <= 50 else { throw Failure.invalid("steps", "must be 50 at most") }
        for (index, step) in steps.enumerated() {
            let days = step.afterDays.value
            guard index == 0 || steps[index - 1].afterDays.value < days else {
                throw Failure.invalid("steps[\(index)].after_days", "must be more than that of the step before")
            }
            guard !step.do.isEmpty, Set(step.do).count == step.do.count else {
                throw Failure.invalid("steps[\(index)].do", "must name one action or more, each once")
            }
        }
    }

    /// When a step is taken; nil: there is none of that number.
    func time(of step: Int, since begun: Timestamp, due: Timestamp) -> Timestamp? {
        guard steps.indices.contains(step) else { return nil }
        let time = begun.adding(days: Int(steps[step].afterDays.value))
        return steps[step].takes ? max(time, due.adding(days: Int(graceDays.value))) : time
    }

    private static let name = "dunning"

    static func current(_ db: borrowing Database) throws -> DunningSchedule {
        guard let text = try OperatorSettings.find(name, db) else { return initial }
        do {
            return try InputDecoder.decode(DunningSchedule.self, from: try JSONParser.parse(Array(text.utf8)))
        } catch {
            throw StoreError.corrupt("what is stored is no schedule")
        }
    }

    static func set(_ schedule: DunningSchedule, at now: Timestamp, _ db: borrowing Database) throws {
        try OperatorSettings.set(name, try text(schedule), at: now, db)
    }

    static func text(_ schedule: DunningSchedule) throws -> String {
        String(decoding: try JSONEncoding.bytes(of: schedule), as: UTF8.self)
    }
}

extension DunningSchedule {
    private init(grace: Int64, _ steps: [(Int64, [Action])]) {
        graceDays = Whole(grace) ?? .sample
        self.steps = steps.map { Step(afterDays: Whole($0.0) ?? .sample, do: $0.1) }
    }
}
