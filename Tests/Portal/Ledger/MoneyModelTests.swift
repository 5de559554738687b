import Glibc
import Testing

@testable import Portal

@Suite("Money, against a model")
struct MoneyModelTests {
    static let stories = 20
    /// In each of the stories.
    static let steps = 5000
    static let seed = getenv("PURSER_MODEL_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0 ..< .max)

    @Test("is the same to the cent after 100,000 deeds of every kind", arguments: 0..<stories)
    func story(number: Int) throws {
        let seed = Self.seed &+ UInt64(number)
        print("The story of money \(number) has the seed \(seed).")
        let books = try Books()
        var story = try books.write { db in
            var story = MoneyStory(seed: seed)
            try story.begin(db)
            return story
        }
        for _ in 0..<(Self.steps / 1000) {
            let before = story
            story = try books.write { db in
                var story = before
                for _ in 0..<1000 { try story.advance(db) }
                try story.compareAll(db)
                return story
            }
            try #require(try books.findings == [], "seed \(seed), step \(story.step)")
        }
        let missing = MoneyStory.Deed.allCases.filter { story.done[$0] == nil }
        #expect(missing.isEmpty, "seed \(seed)")
    }
}
