import Crypto
import Testing

@testable import Portal

@Suite("An invoice's link")
struct InvoiceLinksTests {
    private let links = InvoiceLinks(pepper: "pepper", publicURL: "https://purser.example")

    @Test("leads back to its invoice", arguments: [1, 2, 41, 1 << 40, Int64.max])
    func roundTrip(id: Int64) {
        let token = links.token(id)
        #expect(token.utf8.count == 43)
        #expect(links.invoiceID(token) == id)
        #expect(links.page(id) == "https://purser.example/i/\(token)")
        #expect(links.pdf(id) == "https://purser.example/i/\(token)/pdf")
    }

    @Test("is none with any one character changed")
    func tampered() {
        let token = Array(links.token(7))
        for index in token.indices {
            var other = token
            other[index] = other[index] == "A" ? "B" : "A"
            #expect(links.invoiceID(String(other)) == nil, "\(index)")
        }
    }

    @Test(
        "is none when it is short, long, empty or something else",
        arguments: ["", "1", "A", String(repeating: "A", count: 43), "%00", "é", String(repeating: "A", count: 10_000)]
    )
    func garbage(text: String) {
        #expect(links.invoiceID(text) == nil)
        let token = links.token(7)
        #expect(links.invoiceID(String(token.dropLast())) == nil)
        #expect(links.invoiceID(token + "A") == nil)
        #expect(links.invoiceID(token + "=") == nil)
    }

    @Test("is none of a house with another pepper, nor made of the pepper's other uses")
    func otherPepper() {
        let other = InvoiceLinks(pepper: "salt", publicURL: "https://purser.example")
        #expect(links.invoiceID(other.token(7)) == nil)
        let id: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 7]
        let plain = HMACKey(Array("pepper".utf8)).sign(id)
        #expect(links.invoiceID(Base64.encode(id + plain.prefix(24), as: .url)) == nil)
    }
}
