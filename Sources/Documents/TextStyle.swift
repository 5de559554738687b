/// The sheet's few kinds of text. Lengths are points.
struct TextStyle: Hashable {
    let size: Double
    /// From the top of a line to the top of the next, unless the script needs more.
    let leading: Double
    var isBold = false
    var isSerif = false

    static let title = TextStyle(size: 25, leading: 31, isSerif: true)
    static let headline = TextStyle(size: 15, leading: 20, isBold: true)
    static let name = TextStyle(size: 12, leading: 16, isBold: true)
    static let body = TextStyle(size: 9, leading: 13)
    static let strong = TextStyle(size: 9, leading: 13, isBold: true)
    static let small = TextStyle(size: 7.5, leading: 11)
    static let label = TextStyle(size: 7.5, leading: 11, isBold: true)

    /// In the table, where they share their line with the description.
    static func figures(_ size: Double, isBold: Bool) -> TextStyle {
        TextStyle(size: size, leading: body.leading, isBold: isBold)
    }

    /// Where each is missing, or lacks a letter, the next is asked; after the last, whatever fontconfig finds.
    var families: String {
        let sans = "Noto Sans,Noto Sans Arabic,Noto Sans Hebrew,WenQuanYi Micro Hei,DejaVu Sans,sans-serif"
        return isSerif ? "Noto Serif,\(sans)" : sans
    }
}
