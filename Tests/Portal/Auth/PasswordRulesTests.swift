import Testing

@testable import Portal

@Suite("A new password")
struct PasswordRulesTests {
    private let context = ["ada.lovelace@engine.example", "Ada Lovelace"]

    @Test(
        "is refused when a guesser would try it",
        arguments: [
            "password", "Passw0rd!", "P@ssw0rd2024", "passwordpassword", "PASSWORD12345678", "12345678", "123456789012",
            "aaaaaaaaaaaa", "abcabcabcabc", "qwertyuiop12", "asdfghjkl;'12", "1q2w3e4r5t6y", "abcdefghijkl", "iloveyou",
            "iloveyou2024", "letmein!letmein!", "sunshine123", "dragonmaster99", "adalovelace1815", "Ada.Lovelace!",
            "lovelace@engine", "purserpurser", "purser-admin-2026", "qazwsxedcrfv", "zyxwvutsrqpo", "11112222333344",
            "summer2024!!", "$uperm@n2000", "    password    ", "welcome to google",
        ]
    )
    func easy(password: String) {
        #expect(PasswordRules.isEasy(password, context: context))
    }

    @Test(
        "is taken when it is the person's own",
        arguments: [
            "a long walk at sea", "correct horse battery staple", "a long enough secret", "first day on board",
            "vT9#kq2L", "9fK2-mmQz-17xB", "ünïcödé wörter", "пароль моря и ветра", "海上的長途散步", "🐙🐙🦀🐟🌊",
            "my cat ate the tax return", "password manager made this: xkzjwv", "summer coffee dragon piano",
        ]
    )
    func good(password: String) {
        #expect(!PasswordRules.isEasy(password, context: context))
    }

    @Test("is easy for one person and good for another")
    func persons() {
        #expect(PasswordRules.isEasy("vogelfluglinie", context: ["vogelfluglinie@example.com"]))
        #expect(!PasswordRules.isEasy("vogelfluglinie", context: context))
    }

    @Test("of the longest kind is judged in no time")
    func longest() {
        #expect(PasswordRules.isEasy(String(repeating: "password", count: 128), context: context))
        #expect(!PasswordRules.isEasy(String(repeating: "xkzjwvqh", count: 127) + "12345678", context: context))
    }

    @Test("knows each common word once, in lower case")
    func words() {
        #expect(EasyWords.words.count > 300)
        #expect(EasyWords.words.allSatisfy { $0 == $0.lowercased() && !$0.isEmpty })
    }
}
