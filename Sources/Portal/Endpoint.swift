import Web

/// One thing that the product does over HTTP. The row in `Routes.swift` says everything else about it.
protocol Endpoint: SendableMetatype {
    associatedtype Input: Decodable & Sendable
    associatedtype Answer: Output

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer

    /// Whether clients send forms (`application/x-www-form-urlencoded`) as well as JSON; not unless it says so.
    static var takesForms: Bool { get }
    /// Words a refusal for clients that read only some statuses; as it is unless the endpoint says otherwise.
    static func refuse(_ failure: Failure) -> Failure
}

extension Endpoint {
    static var takesForms: Bool { false }
    static func refuse(_ failure: Failure) -> Failure { failure }
}

/// An endpoint that answers development keys with fixed data, touching nothing.
protocol Mocked: Endpoint {
    static func mock(_ input: Input, by caller: Caller, at now: Timestamp) throws -> Answer
}
