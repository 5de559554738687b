/// The site's colours by day (nginx/site/assets/base.css).
struct Colour: Sendable {
    let red: Double
    let green: Double
    let blue: Double

    /// - Parameter rgb: as in 0x0b5c74.
    private init(_ rgb: UInt32) {
        red = Double(rgb >> 16 & 0xff) / 255
        green = Double(rgb >> 8 & 0xff) / 255
        blue = Double(rgb & 0xff) / 255
    }

    static let ink = Colour(0x12212a)
    static let soft = Colour(0x4a5a63)
    static let line = Colour(0xdce3e3)
    static let strongLine = Colour(0x74858d)
    static let accent = Colour(0x0b5c74)
    static let onAccent = Colour(0xffffff)
    static let good = Colour(0x14603a)
    static let goodSoft = Colour(0xe1f3e8)
    static let warning = Colour(0x734800)
    static let warningSoft = Colour(0xfcf0d4)
    static let bad = Colour(0x9b2219)
    static let badSoft = Colour(0xfceae8)
}
