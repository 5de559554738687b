import Glibc

/// Random numbers that a failed test can be run again with: `SEED=… swift test`.
struct Dice: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    /// Takes the seed from the environment, or a new one, and prints it.
    init(for test: String) {
        let given = getenv("SEED").flatMap { UInt64(String(cString: $0)) }
        seed = given ?? UInt64.random(in: 0...999_999_999)
        state = seed
        print("\(test): SEED=\(seed)")
    }

    /// SplitMix64 (Steele, Lea and Flood 2014).
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func roll(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[roll(0...items.count - 1)] }
}
