/// What a lane's thread carries: a request for an answer, or a mail for a receipt.
enum Parcel: Sendable {
    case request(OutboundRequest)
    case mail(OutboundMail)

    /// From the moment it is given to the lane.
    var timeoutMilliseconds: Int {
        switch self {
        case .request(let request): request.timeoutMilliseconds
        case .mail(let mail): mail.timeoutMilliseconds
        }
    }
}

extension Duration {
    /// At least 1, for libcurl takes 0 as for ever. Only for durations that `RequestCheck` has bounded.
    var wholeMilliseconds: Int {
        max(1, Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
