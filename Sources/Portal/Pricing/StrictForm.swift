import Web

/// A JSON object all of whose members are known, by its `CodingKeys`.
protocol StrictForm: Codable, Sendable {
    associatedtype CodingKeys: CodingKey & CaseIterable
}

/// Reads a form and refuses any member that it does not name: what an operator misspells in a price must not be taken
/// for left out. Requests of old clients are read leniently, so this is not the decoder's own way.
struct Strict<Form: StrictForm>: Codable, Sendable {
    let form: Form

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(_ form: Form) {
        self.form = form
    }

    init(from decoder: any Decoder) throws {
        let known = Form.CodingKeys.allCases.map(\.stringValue)
        for name in try decoder.container(keyedBy: Name.self).allKeys.map(\.stringValue)
        where !known.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
            throw ValueFault("has a member that is not known here: \(name.prefix(64))")
        }
        form = try Form(from: decoder)
    }

    func encode(to encoder: any Encoder) throws {
        try form.encode(to: encoder)
    }
}
