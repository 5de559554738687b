import COpenSSL

/// Whether two secrets are the same bytes, in a time that does not tell where they differ.
/// Lengths are no secret: unequal ones are `false` at once.
public func equalInConstantTime(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
}
