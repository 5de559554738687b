/// What is wrong with a provider's own answers: nobody can sign in there for now. For the log.
struct ProviderFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
