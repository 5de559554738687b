import Crypto

/// What an endpoint's deliveries are signed with, by Standard Webhooks 1.0.0 and for receivers of the older header.
struct WebhookSecret: Sendable {
    private static let prefix = "whsec_"
    private static let size = 32

    /// `whsec_` and 32 random bytes in base 64; shown once.
    let text: String
    private let bytes: [UInt8]

    /// - Throws: ``Random/Unavailable``.
    static func generate(_ random: (Int) throws -> [UInt8]) throws -> WebhookSecret {
        WebhookSecret(bytes: try random(size))
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
        text = Self.prefix + Base64.encode(bytes)
    }

    /// - Throws: ``SealedSecret/Failure``, ``Random/Unavailable``.
    func sealed(for endpoint: String, under key: SealingKey) throws -> [UInt8] {
        try SealedSecret.seal(bytes, under: key, context: "webhook:\(endpoint)")
    }

    /// - Throws: ``SealedSecret/Failure``.
    init(sealed: [UInt8], for endpoint: String, under key: SealingKey) throws {
        self.init(bytes: try SealedSecret.open(sealed, under: [key], context: "webhook:\(endpoint)"))
    }

    /// One of `webhook-signature`'s entries: over id, the attempt's Unix seconds and the body, by the decoded secret.
    func signature(id: String, seconds: Int64, body: [UInt8]) -> String {
        "v1," + Base64.encode(HMACKey(bytes).sign(parts: Array("\(id).\(seconds).".utf8), body))
    }

    /// `X-Webhook-Signature`: hexadecimal, over the body alone, by the secret as it was shown.
    func plainSignature(of body: [UInt8]) -> String {
        Hex.encode(HMACKey(Array(text.utf8)).sign(body))
    }
}
