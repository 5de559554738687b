import CPango

/// The pages of a PDF, drawn one after the other. Lengths are points from the upper left corner of the page.
final class Canvas {
    private let surface: OpaquePointer
    private let context: OpaquePointer
    private let output: Output

    private final class Output {
        var bytes: [UInt8] = []
    }

    /// - Parameter created: as cairo reads dates: 2026-03-01T12:00:00Z.
    init(_ paper: Paper, title: String, author: String, created: String) throws {
        output = Output()
        let surface = cairo_pdf_surface_create_for_stream(
            { closure, bytes, count in
                guard let closure else { return CAIRO_STATUS_WRITE_ERROR }
                let output = Unmanaged<Output>.fromOpaque(closure).takeUnretainedValue()
                output.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
                return CAIRO_STATUS_SUCCESS
            },
            Unmanaged.passUnretained(output).toOpaque(),
            paper.width,
            paper.height
        )
        // Cairo gives an object in a state of error, never nothing.
        guard let surface, let context = cairo_create(surface) else { throw DocumentError.failed("no surface") }
        self.surface = surface
        self.context = context
        // Objects and their table in plain sight, for `DocumentLanguage`.
        cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4)
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, PlainText.clean(title))
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, PlainText.clean(author))
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Purser")
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created)
    }

    deinit {
        cairo_destroy(context)
        // What it still writes goes to `output`, which outlives this body.
        cairo_surface_destroy(surface)
    }

    /// The whole file. Nothing can be drawn any more. Throws `DocumentError.failed`.
    func finish() throws -> [UInt8] {
        let drawn = cairo_status(context)
        cairo_surface_finish(surface)
        let written = cairo_surface_status(surface)
        for status in [drawn, written] where status != CAIRO_STATUS_SUCCESS {
            throw DocumentError.failed(String(cString: cairo_status_to_string(status)))
        }
        return output.bytes
    }

    func endPage() {
        cairo_show_page(context)
    }

    func draw(_ line: SetLine, x: Double, top: Double) {
        use(line.colour)
        cairo_move_to(context, x, top + line.baseline)
        pango_cairo_show_layout_line(context, line.line)
    }

    func rule(from left: Double, to right: Double, y: Double, width: Double, _ colour: Colour) {
        use(colour)
        cairo_rectangle(context, left, y - width / 2, right - left, width)
        cairo_fill(context)
    }

    /// A filled box with round corners.
    func fill(_ box: Box, radius: Double, _ colour: Colour) {
        use(colour)
        let quarter = Double.pi / 2
        let (left, top) = (box.x + radius, box.y + radius)
        let (right, bottom) = (box.x + box.width - radius, box.y + box.height - radius)
        cairo_new_sub_path(context)
        cairo_arc(context, left, top, radius, 2 * quarter, 3 * quarter)
        cairo_arc(context, right, top, radius, 3 * quarter, 4 * quarter)
        cairo_arc(context, right, bottom, radius, 0, quarter)
        cairo_arc(context, left, bottom, radius, quarter, 2 * quarter)
        cairo_close_path(context)
        cairo_fill(context)
    }

    /// Makes the box lead to an address. Does nothing for one that is no plain `http` or `https` address, since a
    /// viewer would run others as it pleases.
    func link(_ box: Box, to url: String) {
        let isWeb = url.hasPrefix("https://") || url.hasPrefix("http://")
        // RFC 3986 has neither quotes nor backslashes, which would end cairo's attribute.
        guard isWeb, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x27 && $0 != 0x5c }) else { return }
        cairo_tag_begin(
            context,
            CAIRO_TAG_LINK,
            "rect=[\(box.x) \(box.y) \(box.width) \(box.height)] uri='\(url)'"
        )
        cairo_tag_end(context, CAIRO_TAG_LINK)
    }

    private func use(_ colour: Colour) {
        cairo_set_source_rgb(context, colour.red, colour.green, colour.blue)
    }
}

struct Box {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
}
