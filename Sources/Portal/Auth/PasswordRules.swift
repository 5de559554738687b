import Web

/// What a new password must be: long, and not what a guesser tries first (ASVS 5.0, 6.2.1, 6.2.4, 6.2.11). Nothing is
/// asked of its kinds of characters, and none ever has to be changed (6.2.5, 6.2.10).
enum PasswordRules {
    /// Unicode scalars.
    static let minimum = 12
    /// What must be left of a password once everything is taken away that a guesser knows or can count up.
    private static let ownCharacters = 4

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
        guard !isRepetition(lower) else { return true }
        let words = context.flatMap(self.words) + CommonPasswords.words
        return [lower, unmasked(lower)].contains { text in
            var rest = text
            // The longest first: what is left of "passwords" should not depend on the order of the list.
            for word in words where rest.contains(word) {
                rest = rest.split(separator: word).joined(separator: " ")
            }
            return ownLength(of: rest) < ownCharacters
        }
    }

    /// `ada.lovelace@example.com`: ada, lovelace, example; short ones say nothing.
    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init).filter {
            $0.count >= 3 && $0 != "com"
        }
        .sorted { $0.count > $1.count }
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

    /// The letters of other scripts, and those that do not follow from the one before.
    private static func ownLength(of text: String) -> Int {
        var length = 0
        var last: Unicode.Scalar?
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic || scalar.value > 0x7F {
            if let last, follows(scalar, last) {
                // Part of a run.
            } else {
                length += 1
            }
            last = scalar
        }
        return length
    }

    private static let rows = [
        "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm",
    ]

    private static func follows(_ next: Unicode.Scalar, _ last: Unicode.Scalar) -> Bool {
        let step = Int(next.value) - Int(last.value)
        if abs(step) <= 1 { return true }
        return rows.contains { row in
            let keys = Array(row.unicodeScalars)
            guard let from = keys.firstIndex(of: last), let to = keys.firstIndex(of: next) else { return false }
            return abs(to - from) == 1
        }
    }
}
