/// The addresses that names led to a moment ago, and the look-ups under way: one a name, and so many in all.
///
/// A name whose name servers are silent holds a thread for long, so names that have answered before keep half of the
/// threads for themselves. Used by the courier's thread alone.
struct NameBook {
    typealias Finding = Result<[IPAddress], OutboundError>

    private struct Entry {
        var finding: Finding?
        var goodUntil: Int64 = 0
        var isAsked = false
        var isProven = false
    }

    private static let goodFor: Int64 = 60_000
    private static let failureGoodFor: Int64 = 2000
    private static let namesAtMost = 4096

    private let threads: Int
    private var entries: [String: Entry] = [:]
    private var waiting: [String] = []
    private var running = 0

    init(threads: Int) {
        self.threads = max(2, threads)
    }

    /// What is known of a name; nil when it has to be asked for.
    func finding(_ name: String, at now: Int64) -> Finding? {
        guard let entry = entries[name], entry.goodUntil > now else { return nil }
        return entry.finding
    }

    /// Wants a name looked up, unless it is being already.
    mutating func ask(_ name: String, at now: Int64) {
        if entries.count >= Self.namesAtMost, entries[name] == nil {
            entries = entries.filter { $0.value.isAsked || $0.value.goodUntil > now }
        }
        guard entries[name, default: Entry()].isAsked == false else { return }
        entries[name, default: Entry()].isAsked = true
        waiting.append(name)
    }

    /// The next name to look up now, if there is a thread for it.
    mutating func next() -> String? {
        guard running < threads,
            let index = waiting.firstIndex(where: { running < threads / 2 || entries[$0]?.isProven == true })
        else { return nil }
        running += 1
        return waiting.remove(at: index)
    }

    mutating func learn(_ name: String, _ finding: Finding, at now: Int64) {
        running -= 1
        let isFound = if case .success = finding { true } else { false }
        let goodFor = isFound ? Self.goodFor : Self.failureGoodFor
        entries[name] = Entry(finding: finding, goodUntil: now + goodFor, isProven: isFound)
    }
}
