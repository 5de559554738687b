import Testing

@testable import Outbound

@Suite("Retry policy") struct RetryPolicyTests {
    private func policy(attempts: Int = 5, jitter: Double) -> RetryPolicy {
        RetryPolicy(attempts: attempts, base: 1000, cap: 6000, jitter: { jitter })
    }

    @Test("doubles the wait up to the cap, half of it by chance")
    func backoff() {
        let least = (1...5).map { policy(attempts: 6, jitter: 0).delay(after: $0, status: 500) }
        let most = (1...5).map { policy(attempts: 6, jitter: 0.999_999).delay(after: $0, status: 500) }
        #expect(least == [500, 1000, 2000, 3000, 3000])
        #expect(most == [999, 1999, 3999, 5999, 5999])
    }

    @Test("stops after the last attempt")
    func attempts() {
        #expect(policy(attempts: 3, jitter: 0).delay(after: 2, status: 500) != nil)
        #expect(policy(attempts: 3, jitter: 0).delay(after: 3, status: 500) == nil)
        #expect(policy(attempts: 1, jitter: 0).delay(after: 1, status: 500) == nil)
        #expect(policy(attempts: 0, jitter: 0).delay(after: 1, status: 500) == nil)
        #expect(policy(attempts: .max, jitter: 0).delay(after: .max - 1, status: 500) == 3000)
    }

    @Test("repeats after these", arguments: [409, 429, 500, 502, 503, 504, 599])
    func retryable(status: Int) {
        #expect(policy(jitter: 0).delay(after: 1, status: status) == 500)
    }

    @Test("takes these for final", arguments: [200, 201, 204, 301, 304, 400, 401, 402, 403, 404, 408, 410, 422, 600])
    func final(status: Int) {
        #expect(policy(jitter: 0).delay(after: 1, status: status, retryAfter: 1) == nil)
    }

    @Test("never comes back before Retry-After, and gives up when that is beyond the cap")
    func retryAfter() {
        #expect(policy(jitter: 0).delay(after: 1, status: 429, retryAfter: 4) == 4000)
        #expect(policy(jitter: 0.5).delay(after: 1, status: 429, retryAfter: 4) == 4500)
        #expect(policy(jitter: 0.9).delay(after: 1, status: 429, retryAfter: 6) == 6000)
        #expect(policy(jitter: 0).delay(after: 4, status: 503, retryAfter: 1) == 3000)
        #expect(policy(jitter: 0).delay(after: 1, status: 429, retryAfter: 0) == 500)
        #expect(policy(jitter: 0).delay(after: 1, status: 429, retryAfter: 7) == nil)
        #expect(policy(jitter: 0).delay(after: 1, status: 429, retryAfter: .max) == nil)
    }

    @Test("repeats after an error that may pass, and no other")
    func errors() {
        let passing: [OutboundError] = [
            .timedOut(sent: true), .timedOut(sent: false), .unreachable(""), .interrupted(""),
        ]
        for error in passing {
            #expect(policy(jitter: 0).delay(after: 1, error: error) == 500)
            #expect(policy(jitter: 0).delay(after: 5, error: error) == nil)
        }
        let lasting: [OutboundError] = [
            .overloaded, .circuitOpen(retryAfter: 1), .answerTooLarge, .invalidRequest(""), .closed,
        ]
        for error in lasting {
            #expect(policy(jitter: 0).delay(after: 1, error: error) == nil)
        }
    }

    @Test(
        "reads Retry-After as seconds or as a date",
        arguments: [
            ("120", 120), ("0", 0), ("-1", nil), ("1.5", nil), ("", nil), ("soon", nil), ("99999999999999999999", nil),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
            ("Mon, 07 Nov 1994 08:49:37 GMT", 86_400), ("Sun, 06 Nov 1994 25:49:37 GMT", nil),
            ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("Sun, +6 Nov 1994 08:50:37 GMT", nil),
        ] as [(String, Int?)]
    )
    func header(value: String, seconds: Int?) {
        let response = OutboundResponse(
            status: 503,
            headers: [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("RETRY-after", value)],
            body: []
        )
        #expect(response.retryAfter == seconds)
    }

    @Test(
        "reads the dates of HTTP",
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 23:59:59 GMT", 951_868_799), ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ]
    )
    func date(text: String, seconds: Int) {
        #expect(HTTPDate.seconds(text) == seconds)
    }
}
