/// The statements of one connection by the address of their SQL literal.
///
/// A literal's address is its identity for the life of the process, so nothing hashes or compares SQL text.
/// Open addressing at half load: a look-up is one multiplication and, mostly, one comparison.
struct StatementTable {
    private var keys = [UInt](repeating: 0, count: 64)
    private var statements = [Statement?](repeating: nil, count: 64)
    private var count = 0

    subscript(key: UInt) -> Statement? {
        let slot = slot(of: key)
        return keys[slot] == key ? statements[slot] : nil
    }

    mutating func insert(_ statement: Statement, at key: UInt) {
        if (count + 1) * 2 > keys.count { grow() }
        let slot = slot(of: key)
        if keys[slot] != key { count += 1 }
        keys[slot] = key
        statements[slot] = statement
    }

    mutating func removeAll() {
        self = StatementTable()
    }

    /// Where the key is, or where it would go. There is always a free slot, so this ends.
    private func slot(of key: UInt) -> Int {
        let mask = keys.count - 1
        // Fibonacci hashing: literals lie close together, their high product bits do not.
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = zip(keys, statements)
        keys = [UInt](repeating: 0, count: keys.count * 2)
        statements = [Statement?](repeating: nil, count: keys.count)
        for (key, statement) in old where key != 0 {
            let slot = slot(of: key)
            keys[slot] = key
            statements[slot] = statement
        }
    }
}
