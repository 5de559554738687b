/// Why there is no answer, or no receipt for a mail. An answer of whatever status is not an error.
public enum OutboundError: Error, Sendable, Equatable {
    /// The lane's queue is full. Nothing was sent.
    case overloaded
    /// The other side has failed too often of late; ask again after so many seconds. Nothing was sent.
    case circuitOpen(retryAfter: Int)
    /// `sent`: at least part of the request went out, so the other side may have acted on it.
    case timedOut(sent: Bool)
    /// No such name, no connection, no TLS to be trusted, or a mail server that will not have us. Nothing was sent.
    case unreachable(String)
    /// The connection broke, or what came back was not the protocol, after at least part of the request went out:
    /// the other side may have acted on it.
    case interrupted(String)
    /// The answer's body is longer than the lane's limit, or its headers than 64 KiB.
    case answerTooLarge
    /// The name leads to an address that requests may not go to. Nothing was sent.
    case forbiddenAddress
    /// The request was refused before it was queued; the sentence says why.
    case invalidRequest(String)
    /// The lane was closed, or the waiting task cancelled, before the request's turn came. Nothing was sent.
    case closed

    /// Whether sending the same request again may go better. What was not tried at all (`overloaded`,
    /// `circuitOpen`, `closed`) is not: trying harder would only undo the bound.
    public var isRetryable: Bool {
        switch self {
        case .timedOut, .unreachable, .interrupted: true
        case .overloaded, .circuitOpen, .answerTooLarge, .forbiddenAddress, .invalidRequest, .closed: false
        }
    }
}
