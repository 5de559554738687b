import Testing

@testable import Web

@Suite("A failure")
struct FailureTests {
    private func body(_ response: Response) throws -> JSONValue {
        guard case .bytes(let bytes) = response.body else { return .null }
        return try JSONParser.parse(bytes)
    }

    @Test("is answered as a problem that old clients can read too")
    func problem() throws {
        let response = Failure.unauthorized("Invalid API key", code: "invalid_key").response(requestID: "r1")
        #expect(response.status == 401)
        #expect(response.contentType == "application/problem+json")
        #expect(
            try body(response)
                == .object([
                    .init("type", .string("about:blank")), .init("title", .string("Unauthorized")),
                    .init("status", .integer(401)),
                    .init("detail", .string("Invalid API key")), .init("error", .string("Invalid API key")),
                    .init("code", .string("invalid_key")), .init("request_id", .string("r1")),
                ])
        )
    }

    @Test("lists the fields at fault, and members that clients read beside it")
    func members() throws {
        let failure = Failure.invalid("items[0].id", "is required").adding(.init("allowed", .bool(false)))
        let body = try body(failure.response(requestID: "r"))
        #expect(body["detail"] == .string("items[0].id is required"))
        #expect(body["allowed"] == .bool(false))
        #expect(
            body["errors"]
                == .array([
                    .object([.init("field", .string("items[0].id")), .init("message", .string("is required"))])
                ])
        )
        #expect(Failure.invalid("", "must be an object").detail == "The body must be an object.")
    }

    @Test("shows what a stranger sent only escaped")
    func escaped() throws {
        let response = Failure.badRequest("<script>\"\n").response(requestID: "<")
        guard case .bytes(let bytes) = response.body else { return }
        #expect(!bytes.contains(UInt8(ascii: "<")) && !bytes.contains(0x0A))
        #expect(try body(response)["detail"] == .string("<script>\"\n"))
    }

    @Test(
        "has the status of its name",
        arguments: [
            (Failure.badRequest("x"), 400), (.invalid("a", "b"), 400), (.unauthorized("x"), 401),
            (.forbidden("x"), 403),
            (.notFound(), 404), (.conflict("x"), 409), (.unavailable("x"), 503),
        ]
    )
    func statuses(failure: Failure, status: Int) throws {
        #expect(failure.status == status)
        #expect(try body(failure.response(requestID: ""))["title"] != .string("Error"))
    }

    @Test("says when to come back, where that helps")
    func retry() {
        let response = Failure.unavailable("x", retryAfter: 7).adding(Header("Allow", "GET")).response(requestID: "")
        #expect(response.headers == [Header("Retry-After", "7"), Header("Allow", "GET")])
    }
}

@Suite("An answer")
struct ResponseTests {
    struct Record: JSONOutput {
        let b = 1
        let a = "x"

        enum CodingKeys: CodingKey { case b, a }
    }

    @Test("of a record is its JSON with 200, or 201 for what was created")
    func records() throws {
        let plain = try Record().response()
        let created = try Created(Record()).response()
        for (response, status) in [(plain, 200), (created, 201)] {
            guard case .bytes(let bytes) = response.body else { continue }
            #expect(response.status == status)
            #expect(response.contentType == "application/json")
            #expect(String(decoding: bytes, as: UTF8.self) == #"{"b":1,"a":"x"}"#)
        }
        #expect(Created<Record>.status == 201)
    }
}
