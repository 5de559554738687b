import Crypto
import Web

/// Stripe's webhook signature: `t=<unix seconds>,v1=<64 hex digits>`, several `v1` while a secret is being replaced
/// (docs.stripe.com/webhooks, "Verify manually").
enum StripeSignature {
    static let toleranceSeconds: Int64 = 300
    static let headerLimit = 4096
    static let signatureLimit = 16

    /// - Parameters:
    ///   - body: the raw bytes as they came; decoding and encoding them again would change them.
    ///   - secrets: all that are valid now; the whole `whsec_…` text is the key.
    ///   - now: unix seconds.
    /// - Throws: ``Failure`` 400, 503 when no secret is configured.
    static func verify(header: String, body: [UInt8], secrets: [String], now: Int64) throws {
        guard !secrets.isEmpty else {
            throw Failure.unavailable("Webhooks are not configured", code: "webhooks_not_configured", retryAfter: 300)
        }
        let invalid = Failure.badRequest("Invalid signature", code: "invalid_signature")
        guard let parsed = parse(header) else { throw invalid }
        // The libraries refuse only stamps that are too old; one from the future could be replayed until it has passed.
        guard abs(now.subtractingReportingOverflow(parsed.timestamp).partialValue) <= toleranceSeconds else {
            throw invalid
        }
        let stamp = Array("\(parsed.stamp).".utf8)
        // No early end: how long it takes says nothing about which secret or signature matched.
        var matches = false
        for secret in secrets {
            let expected = HMACKey(Array(secret.utf8)).sign(parts: stamp, body)
            for signature in parsed.signatures where equalInConstantTime(expected, signature) { matches = true }
        }
        guard matches else { throw invalid }
    }

    private struct Parsed {
        let stamp: Substring
        let timestamp: Int64
        let signatures: [[UInt8]]
    }

    /// Nil for a header without exactly one `t` and at least one well-formed `v1`. Other schemes are skipped: `v0` is
    /// Stripe's fake one, and believing it would be a downgrade.
    private static func parse(_ header: String) -> Parsed? {
        guard (1...headerLimit).contains(header.utf8.count) else { return nil }
        var stamps: [Substring] = []
        var signatures: [[UInt8]] = []
        for item in header.split(separator: ",") {
            let parts = item.drop { $0 == " " }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            if parts[0] == "t" { stamps.append(parts[1]) }
            if parts[0] == "v1", let bytes = Hex.decode(parts[1]), bytes.count == 32 { signatures.append(bytes) }
        }
        guard stamps.count == 1, let stamp = stamps.first, stamp.utf8.count <= 12,
            stamp.utf8.allSatisfy({ (48...57).contains($0) }), let timestamp = Int64(stamp),
            (1...signatureLimit).contains(signatures.count)
        else { return nil }
        return Parsed(stamp: stamp, timestamp: timestamp, signatures: signatures)
    }
}
