import Web

/// What a new password must be: long, and not what a guesser tries first (ASVS 5.0, 6.2.1, 6.2.4, 6.2.11). Nothing is
/// asked of its kinds of characters, and none ever has to be changed (6.2.5, 6.2.10).
enum PasswordRules {
    /// Unicode scalars.
    static let minimum = 12
    /// What must be left of a password once everything is taken away that a guesser knows or can count up …
    private static let ownCharacters = 4
    /// … unless so many common words stand side by side that their choice is a secret of its own.
    private static let manyWords = 4

    /// - Throws: ``Failure`` 400 that says what is wrong with it.
    static func check(
        _ password: Password,
        of email: String,
        _ name: String,
        atLeast minimum: Int = minimum,
        field: String = "password"
    ) throws {
        guard password.value.unicodeScalars.count >= minimum else {
            throw Failure.invalid(field, "must be at least \(minimum) characters long")
        }
        guard !isEasy(password.value, context: [email, name]) else {
            throw Failure.invalid(field, "is too easy to guess; a few words that nobody puts together are better")
        }
    }

    /// Common words and the context's are taken out, with digits and signs written for letters read as these; runs of
    /// the alphabet, of the keyboard and of one character count as one. What is left must be of some length.
    static func isEasy(_ password: String, context: [String]) -> Bool {
        let lower = password.lowercased()
        let words = context.flatMap(self.words) + commonWords
        return isRepetition(lower)
            || [lower, unmasked(lower)].contains { text in
                var rest = Array(text.utf8)
                var taken = 0
                for word in words where remove(word, from: &rest) && word.count >= 4 { taken += 1 }
                return ownLength(of: rest) < ownCharacters && taken < manyWords
            }
    }

    /// The longest first: what is left of "passwords" should not depend on the order of the list.
    private static let commonWords = EasyWords.words.map { Array($0.utf8) }.sorted { $0.count > $1.count }

    /// `ada.lovelace@example.com`: lovelace, example, ada; shorter ones say nothing.
    private static func words(_ text: String) -> [[UInt8]] {
        text.lowercased().split { !$0.isLetter }.map { Array($0.utf8) }
            .filter { $0.count >= 3 }.sorted { $0.count > $1.count }
    }

    /// Puts a space in the place of each occurrence.
    /// - Returns: whether there was one.
    private static func remove(_ word: [UInt8], from text: inout [UInt8]) -> Bool {
        var found = false
        var at = 0
        while at + word.count <= text.count {
            if text[at] == word[0], text[at..<(at + word.count)].elementsEqual(word) {
                text.replaceSubrange(at..<(at + word.count), with: CollectionOfOne(UInt8(ascii: " ")))
                found = true
            }
            at += 1
        }
        return found
    }

    /// With the letters for which digits and signs commonly stand.
    private static func unmasked(_ text: String) -> String {
        let letters: [Character: Character] = [
            "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i",
            "+": "t", "€": "e",
        ]
        return String(text.map { letters[$0] ?? $0 })
    }

    /// The same few characters over and over: `abcabcabcabc`.
    private static func isRepetition(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return (1...4).contains { size in
            bytes.count > 2 * size && bytes.indices.dropFirst(size).allSatisfy { bytes[$0] == bytes[$0 - size] }
        }
    }

    /// The letters, those of other scripts too, that do not go on from the one before.
    private static func ownLength(of text: [UInt8]) -> Int {
        var length = 0
        var last: Unicode.Scalar?
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars
        where scalar.properties.isAlphabetic || scalar.value > 0x7F {
            if last.map({ goesOn(scalar, from: $0) }) != true { length += 1 }
            last = scalar
        }
        return length
    }

    /// Of the keyboards of several countries, and down their columns.
    private static let rows = [
        "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm",
        "qazwsxedcrfvtgbyhnujm",
    ].map { Array($0.unicodeScalars) }

    private static func goesOn(_ next: Unicode.Scalar, from last: Unicode.Scalar) -> Bool {
        if abs(Int(next.value) - Int(last.value)) <= 1 { return true }
        return rows.contains { row in
            guard let from = row.firstIndex(of: last), let to = row.firstIndex(of: next) else { return false }
            return abs(to - from) == 1
        }
    }
}
