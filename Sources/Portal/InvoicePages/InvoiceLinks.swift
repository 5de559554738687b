import Crypto

/// The addresses by which an invoice can be seen and paid without signing in: whoever has one may.
///
/// Such an address is made from the invoice's id and a signature of it under the pepper, so nothing is stored, and
/// nobody without the pepper makes or guesses one. It works for as long as the pepper stays.
struct InvoiceLinks: Sendable {
    /// 192 bits.
    private static let signatureSize = 24
    private static let idSize = 8

    private let key: HMACKey
    private let publicURL: String

    init(pepper: String, publicURL: String) {
        key = HMACKey(secret: Array(pepper.utf8), purpose: "invoice-link")
        self.publicURL = publicURL
    }

    /// 43 letters, digits, `-` and `_`.
    func token(_ invoiceID: Int64) -> String {
        let id = Self.bytes(of: invoiceID)
        return Base64.encode(id + signature(of: id), as: .url)
    }

    /// The invoice's id; nil for what this has not made, after the same work whatever is wrong with it.
    func invoiceID(_ token: String) -> Int64? {
        let size = Self.idSize + Self.signatureSize
        let decoded = Base64.decode(token, as: .url) ?? []
        let bytes = decoded.count == size ? decoded : [UInt8](repeating: 0, count: size)
        let id = Array(bytes.prefix(Self.idSize))
        let isOurs = equalInConstantTime(signature(of: id), Array(bytes.dropFirst(Self.idSize)))
        guard isOurs, decoded.count == size else { return nil }
        return Int64(bitPattern: id.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Where whoever has no link signs in.
    var dashboard: String { "\(publicURL)/dashboard.html" }
    func page(_ invoiceID: Int64) -> String { "\(publicURL)/i/\(token(invoiceID))" }
    func pdf(_ invoiceID: Int64) -> String { page(invoiceID) + "/pdf" }

    private func signature(of id: [UInt8]) -> [UInt8] { Array(key.sign(id).prefix(Self.signatureSize)) }

    private static func bytes(of id: Int64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: id >> Int64($0)) }
    }
}
