import CPango

/// Makes lines of text. For one document and one thread: a font map of its own keeps threads apart, and gives back
/// what it loaded when it goes.
final class Typesetter {
    private let fonts: UnsafeMutablePointer<PangoFontMap>
    private let context: OpaquePointer
    private var descriptions: [TextStyle: OpaquePointer] = [:]
    private let attributes: OpaquePointer

    /// - Parameter language: BCP 47.
    init(language: String) throws {
        guard let fonts = pango_cairo_font_map_new() else { throw DocumentError.failed("no font map") }
        self.fonts = fonts
        context = pango_font_map_create_context(fonts)
        attributes = pango_attr_list_new()
        pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1,lnum=1"))
        // A digest or a link that goes on in the next line must not gain a character.
        pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(0))
        pango_context_set_language(context, pango_language_from_string(language))
        // A point is a point, and letters stand where they are on every printer, not where a screen's grid has room.
        pango_cairo_context_set_resolution(context, 72)
        pango_context_set_round_glyph_positions(context, 0)
        let options = cairo_font_options_create()
        defer { cairo_font_options_destroy(options) }
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        pango_cairo_context_set_font_options(context, options)
    }

    deinit {
        descriptions.values.forEach { pango_font_description_free($0) }
        pango_attr_list_unref(attributes)
        g_object_unref(UnsafeMutableRawPointer(context))
        g_object_unref(fonts)
    }

    /// Broken between words, and within those that are too long, so that no line is wider than `width` points.
    func set(_ text: String, _ style: TextStyle, _ colour: Colour, width: Double) throws -> [SetLine] {
        guard !text.isEmpty else { return [] }
        guard let layout = pango_layout_new(context) else { throw DocumentError.failed("no layout") }
        let owner = SetText(layout: layout)
        pango_layout_set_font_description(layout, description(of: style))
        pango_layout_set_attributes(layout, attributes)
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
        pango_layout_set_width(layout, CInt(max(1, width) * Double(PANGO_SCALE)))
        var clean = PlainText.clean(text)
        clean.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                pango_layout_set_text(layout, $0.baseAddress, CInt(clamping: $0.count))
            }
        }
        return owner.lines(leading: style.leading, colour)
    }

    /// The width in points of a text that fits into one line.
    func width(of text: String, _ style: TextStyle) throws -> Double {
        try set(text, style, .ink, width: 10_000).map(\.width).max() ?? 0
    }

    private func description(of style: TextStyle) -> OpaquePointer? {
        if let known = descriptions[style] { return known }
        let description = pango_font_description_new()
        pango_font_description_set_family(description, style.families)
        pango_font_description_set_size(description, CInt(style.size * Double(PANGO_SCALE)))
        pango_font_description_set_weight(description, style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
        descriptions[style] = description
        return description
    }
}

/// Owns the lines of one text.
private final class SetText {
    private let layout: OpaquePointer

    init(layout: OpaquePointer) {
        self.layout = layout
    }

    deinit {
        g_object_unref(UnsafeMutableRawPointer(layout))
    }

    func lines(leading: Double, _ colour: Colour) -> [SetLine] {
        var lines: [SetLine] = []
        var next = pango_layout_get_lines_readonly(layout)
        while let node = next {
            next = node.pointee.next
            guard let line = node.pointee.data?.assumingMemoryBound(to: PangoLayoutLine.self) else { continue }
            var box = PangoRectangle()
            pango_layout_line_get_extents(line, nil, &box)
            let scale = Double(PANGO_SCALE)
            let (ascent, height) = (-Double(box.y) / scale, Double(box.height) / scale)
            let advance = max(leading, height)
            lines.append(
                SetLine(
                    line: line,
                    width: Double(box.width) / scale,
                    advance: advance,
                    baseline: (advance - height) / 2 + ascent,
                    colour: colour,
                    owner: self
                )
            )
        }
        return lines
    }
}

/// One line of text, ready to be drawn. Lengths are points.
struct SetLine {
    let line: UnsafeMutablePointer<PangoLayoutLine>
    let width: Double
    /// From its top to that of the next.
    let advance: Double
    /// From its top.
    let baseline: Double
    let colour: Colour
    /// Keeps `line` alive.
    private let owner: AnyObject

    fileprivate init(
        line: UnsafeMutablePointer<PangoLayoutLine>,
        width: Double,
        advance: Double,
        baseline: Double,
        colour: Colour,
        owner: AnyObject
    ) {
        self.line = line
        self.width = width
        self.advance = advance
        self.baseline = baseline
        self.colour = colour
        self.owner = owner
    }
}

extension [SetLine] {
    var height: Double { reduce(0) { $0 + $1.advance } }
    var width: Double { reduce(0) { Swift.max($0, $1.width) } }
}
