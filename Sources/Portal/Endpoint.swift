import Web

/// One thing that the product does over HTTP. The row in `Routes.swift` says everything else about it.
protocol Endpoint: SendableMetatype {
    associatedtype Input: Decodable & Sendable
    associatedtype Answer: Output

    static func handle(_ input: Input, by caller: Caller, in app: App) async throws -> Answer
}

/// An endpoint that answers development keys with fixed data, touching nothing.
protocol Mocked: Endpoint {
    static func mock(_ input: Input, by caller: Caller, at now: Timestamp) throws -> Answer
}

/// An endpoint whose clients send forms (`application/x-www-form-urlencoded`) as well as JSON.
protocol TakingForms: Endpoint {}

/// An endpoint whose clients read only some statuses, and which words its refusals for them.
protocol Refusing: Endpoint {
    static func refuse(_ failure: Failure) -> Failure
}
