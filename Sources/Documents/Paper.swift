/// A size of paper, upright. Lengths are points: 72 to the inch.
public enum Paper: String, Sendable, CaseIterable {
    case a4, letter

    var width: Double { self == .a4 ? 595.28 : 612 }
    var height: Double { self == .a4 ? 841.89 : 792 }

    static let margin = 48.0
    /// Where the text ends; the footer stands below.
    var bottom: Double { height - 60 }
    var left: Double { Self.margin }
    var right: Double { width - Self.margin }
}
