import Outbound
import Storage

/// One attempt at a delivery, and what follows from it.
struct WebhookAttempt: Sendable {
    /// Days of failures after which its owners are told, and after which it is told nothing any more: not before they
    /// had a day to mend it.
    static let warnAfterDays = 3
    static let disableAfterDays = 5
    static let warnedAtLeastSeconds: Int64 = 86_400
    static let answerKept = 1024

    let deliveryID: Int64
    let endpointID: Int64
    /// As sent, a line each.
    let requestHeaders: String
    /// This one included.
    let attempts: Int64
    /// 0: nothing answered.
    let statusCode: Int
    var answer: [UInt8] = []
    var error: String?
    var retryAfter: Int64?
    let milliseconds: Int64

    var isDelivered: Bool { (200...299).contains(statusCode) }

    /// Writes it down with all that follows: when it is tried again, a pause, a warning, the end of the endpoint.
    /// - Parameter chance: 0 to 255, for the next attempt's moment.
    func record(chance: UInt8, publicURL: String, at now: Timestamp, _ db: borrowing Database) throws {
        if isDelivered {
            try log(as: .delivered, next: now, at: now, db)
            return try WebhookEndpoints.noteSuccess(endpointID, db)
        }
        // 410 Gone: the receiver wants nothing any more (Standard Webhooks 1.0.0).
        if statusCode == 410 {
            try log(as: .failed, next: now, at: now, db)
            return try disable(.gone, publicURL, at: now, db)
        }
        let next = WebhookSchedule.next(after: attempts, at: now, retryAfter: retryAfter, chance: chance)
        try log(as: next == nil ? .failed : .waiting, next: next ?? now, at: now, db)
        try WebhookEndpoints.noteFailure(endpointID, pausedUntil: pausedUntil(now), at: now, db)
        guard let endpoint = try WebhookEndpoints.find(endpointID, db), let since = endpoint.failingSince else {
            return
        }
        if let warnedAt = endpoint.warnedAt {
            let isHopeless = since.adding(days: Self.disableAfterDays) <= now
            if isHopeless, warnedAt.adding(seconds: Self.warnedAtLeastSeconds) <= now {
                try disable(.failing, publicURL, at: now, db)
            }
        } else if since.adding(days: Self.warnAfterDays) <= now {
            try WebhookEndpoints.setWarned(endpointID, at: now, db)
            try WebhookLetters.queue(.warning(error ?? ""), about: endpoint, publicURL, at: now, db)
        }
    }

    private func log(
        as status: WebhookDeliveries.Status,
        next: Timestamp,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        // Of a delivery that was removed, or answered to another attempt, nothing is kept.
        guard try WebhookDeliveries.note(status, next: next, of: deliveryID, db) else { return }
        try WebhookAttempts.insert(self, at: now, db)
    }

    /// Who is overloaded gets nothing at all for a while, not this message alone.
    private func pausedUntil(_ now: Timestamp) -> Timestamp? {
        let isOverloaded = [429, 502, 504].contains(statusCode)
        guard let seconds = retryAfter ?? (isOverloaded ? WebhookSchedule.plainPause : nil) else { return nil }
        return now.adding(seconds: min(WebhookSchedule.longestPause, max(1, seconds)))
    }

    private func disable(
        _ reason: WebhookEndpoints.Reason,
        _ publicURL: String,
        at now: Timestamp,
        _ db: borrowing Database
    ) throws {
        guard try WebhookEndpoints.disable(endpointID, reason, db),
            let endpoint = try WebhookEndpoints.find(endpointID, db)
        else { return }
        try Audit.record(
            .webhookDisabled,
            byItself: "system",
            account: endpoint.accountID,
            target: "webhook:\(endpoint.publicID)",
            detail: [.init("url", .string(endpoint.url)), .init("reason", .string(reason.rawValue))],
            at: now,
            db
        )
        try WebhookLetters.queue(.disabled(reason), about: endpoint, publicURL, at: now, db)
        let (title, message) = ("A webhook endpoint was disabled", "Nothing is sent to \(endpoint.url) any more.")
        try Notifications.add(.webhookDisabled, title, message, account: endpoint.accountID, at: now, db)
    }
}

extension WebhookAttempt {
    /// What the log says where nothing answered.
    static func sentence(for error: any Error) -> String {
        switch error {
        case OutboundError.timedOut: "There was no answer in time"
        case OutboundError.unreachable(let why): "No connection: \(why)"
        case OutboundError.interrupted(let why): "The connection broke: \(why)"
        case OutboundError.answerTooLarge: "The headers of the answer were too long"
        case OutboundError.forbiddenAddress: "The name leads to an address that is not public"
        case OutboundError.invalidRequest(let why): "The URL \(why)"
        default: "It could not be sent"
        }
    }
}
