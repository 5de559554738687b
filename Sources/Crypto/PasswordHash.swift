import COpenSSL

/// Passwords at rest: scrypt, written as a PHC string `$scrypt$ln=15,r=8,p=3$<salt>$<hash>` with salt
/// (16 bytes) and hash (32 bytes) in base 64 without padding. A call takes a third of a second and 32 MiB
/// at the standard cost; callers bound how many run at once.
public enum PasswordHash {
    public enum Verdict: Sendable, Equatable {
        /// `needsRehash`: made at another cost than is wanted now; store a new hash while the password is at hand.
        case match(needsRehash: Bool)
        case mismatch
    }

    public enum Failure: Error, Equatable {
        /// The stored text is not a hash of ours, or asks for more than `Cost` allows.
        case malformed
        /// OpenSSL would not compute it: no memory.
        case refused
    }

    static let saltSize = 16
    static let hashSize = 32

    /// Throws `Random.Unavailable` and `Failure.refused`.
    public static func make(_ password: [UInt8], cost: Cost = .standard) throws -> String {
        let salt = try Random.bytes(saltSize)
        return write(cost, salt, try derive(password, salt: salt, cost: cost, size: hashSize))
    }

    /// Throws `Failure`.
    public static func verify(
        _ password: [UInt8],
        against phc: String,
        wanted: Cost = .standard
    ) throws -> Verdict {
        let stored = try read(phc)
        let hash = try derive(password, salt: stored.salt, cost: stored.cost, size: hashSize)
        guard equalInConstantTime(hash, stored.hash) else { return .mismatch }
        return .match(needsRehash: stored.cost != wanted)
    }

    /// A hash that no password has. Verify against it when nobody has the given name, so that the answer
    /// takes as long as for a name that exists.
    public static func decoy(cost: Cost = .standard) -> String {
        write(cost, [UInt8](repeating: 0, count: saltSize), [UInt8](repeating: 0, count: hashSize))
    }

    static func derive(_ password: [UInt8], salt: [UInt8], cost: Cost, size: Int) throws -> [UInt8] {
        var key = [UInt8](repeating: 0, count: size)
        // OpenSSL's own limit of 32 MiB refuses already N = 2^15; it counts a little beside the table itself.
        let memory = UInt64(Cost.memoryLimit + (32 << 20))
        let done = password.withUnsafeBytes { password in
            EVP_PBE_scrypt(
                password.baseAddress?.assumingMemoryBound(to: CChar.self),
                password.count,
                salt,
                salt.count,
                1 << UInt64(cost.logN),
                UInt64(cost.r),
                UInt64(cost.p),
                memory,
                &key,
                size
            )
        }
        guard done == 1 else { throw Failure.refused }
        return key
    }

    private static func write(_ cost: Cost, _ salt: [UInt8], _ hash: [UInt8]) -> String {
        "$scrypt$\(cost.text)$\(Base64.encode(salt, as: .unpadded))$\(Base64.encode(hash, as: .unpadded))"
    }

    private static func read(_ phc: String) throws -> (cost: Cost, salt: [UInt8], hash: [UInt8]) {
        let fields = phc.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 5, fields[0].isEmpty, fields[1] == "scrypt",
            let cost = Cost(fields[2]),
            let salt = Base64.decode(fields[3], as: .unpadded), salt.count == saltSize,
            let hash = Base64.decode(fields[4], as: .unpadded), hash.count == hashSize
        else { throw Failure.malformed }
        return (cost, salt, hash)
    }
}
