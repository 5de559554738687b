import Web

extension Fraud {
    /// The rules as an app has them: the product's own, and what the app's `fraudRules` change, as in
    /// `{"codesFromAddress":{"threshold":50},"referrersAddress":{"enabled":false}}`.
    struct Rules: Sendable {
        struct Setting: Codable, Sendable {
            let enabled: Bool?
            let score: Whole<0, 1000>?
            let threshold: Whole<1, 1000>?
        }

        private let settings: [Rule: Setting]

        /// What does not decode changes nothing; ``fault(in:)`` says so when it is set.
        init(_ overrides: JSONValue?) {
            var settings: [Rule: Setting] = [:]
            for rule in Rule.allCases {
                guard let value = overrides?[rule.rawValue] else { continue }
                settings[rule] = try? InputDecoder.decode(Setting.self, from: value)
            }
            self.settings = settings
        }

        subscript(rule: Rule) -> (isOn: Bool, score: Int64, threshold: Int64) {
            let setting = settings[rule]
            return (
                setting?.enabled ?? true,
                setting?.score?.value ?? rule.initialScore,
                setting?.threshold?.value ?? rule.initialThreshold ?? 1
            )
        }

        /// - Returns: what is wrong with an app's settings: the field and a sentence; nil when nothing is.
        static func fault(in overrides: JSONValue) -> FieldFault? {
            guard case .object(let members) = overrides else {
                return FieldFault(field: "fraudRules", message: "must be an object")
            }
            for member in members {
                let field = "fraudRules.\(member.name)"
                guard Rule(rawValue: member.name) != nil else {
                    return FieldFault(field: field, message: "is not a rule that there is")
                }
                do {
                    _ = try InputDecoder.decode(Setting.self, from: member.value)
                } catch let fault as FieldFault {
                    let path = fault.field.isEmpty ? field : "\(field).\(fault.field)"
                    return FieldFault(field: path, message: fault.message)
                } catch {
                    return FieldFault(field: field, message: "cannot be read")
                }
            }
            return nil
        }
    }
}
