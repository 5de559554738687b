/// The columns of an invoice's lines, as wide as what stands in them, and what is left for the description.
struct LinesTable {
    enum Column: CaseIterable {
        case quantity, unitPrice, amount, discount, tax, total

        var heading: String {
            switch self {
            case .quantity: "Quantity"
            case .unitPrice: "Unit price"
            case .amount: "Amount"
            case .discount: "Discount"
            case .tax: "Tax"
            case .total: "Total"
            }
        }

        func text(of line: InvoiceDocument.Line) -> String {
            switch self {
            case .quantity: line.quantity
            case .unitPrice: line.unitPrice
            case .amount: line.amount
            case .discount: line.discount
            case .tax: line.tax
            case .total: line.total
            }
        }
    }

    /// Figures are printed as large as lets the description keep this part of the table; at the smallest, those
    /// that are still too long are broken.
    private static let descriptionShare = 0.3
    private static let figureSizes: [(size: Double, gap: Double)] = [(9, 14), (7.5, 10), (6, 8)]

    private let type: Typesetter
    private let left: Double
    private let descriptionWidth: Double
    private let figureSize: Double
    private let columns: [(column: Column, right: Double, width: Double)]

    init(_ lines: [InvoiceDocument.Line], from left: Double, to right: Double, _ type: Typesetter) throws {
        self.type = type
        self.left = left
        let shown = Column.allCases.compactMap { column in
            Self.longest(column, of: lines).map { (column: column, text: $0) }
        }
        let headings = try shown.map { try type.width(of: $0.column.heading, .label) }
        var figures: (size: Double, gap: Double, widths: [Double], room: Double) = (0, 0, [], 0)
        for (size, gap) in Self.figureSizes {
            let widths = try zip(shown, headings).map { column, heading in
                try max(heading, type.width(of: column.text, .figures(size, isBold: true))) + 1
            }
            let room = (right - left) * (1 - Self.descriptionShare) - gap * Double(widths.count)
            figures = (size, gap, widths, room)
            if widths.reduce(0, +) <= room { break }
        }
        let scale = min(1, figures.room / max(1, figures.widths.reduce(0, +)))
        var columns: [(column: Column, right: Double, width: Double)] = []
        var edge = right
        for ((column, _), width) in zip(shown, figures.widths).reversed() {
            columns.append((column, edge, width * scale))
            edge -= width * scale + figures.gap
        }
        figureSize = figures.size
        self.columns = columns.reversed()
        descriptionWidth = edge - left
    }

    func header() throws -> [Cell] {
        var cells = [Cell(try type.set("Description", .label, .soft, width: descriptionWidth), left: left)]
        for (column, right, width) in columns {
            cells.append(Cell(try type.set(column.heading, .label, .soft, width: width), right: right))
        }
        return cells
    }

    func row(_ line: InvoiceDocument.Line) throws -> [Cell] {
        let description = try type.set(line.description, .body, .ink, width: descriptionWidth)
        let detail = try type.set(line.detail, .small, .soft, width: descriptionWidth)
        var cells = [Cell(description + detail, left: left)]
        let last = columns.last?.column
        for (column, right, width) in columns {
            let isSum = column == last
            let text = column.text(of: line)
            let style = TextStyle.figures(figureSize, isBold: isSum)
            let lines = try type.set(text, style, isSum ? .ink : .soft, width: width)
            cells.append(Cell(lines, right: right))
        }
        return cells
    }

    /// The text that most likely takes the most room, or nil if there is none. Measuring all would take as long as
    /// the rest of the work.
    private static func longest(_ column: Column, of lines: [InvoiceDocument.Line]) -> String? {
        var longest: (text: String, size: Int) = ("", 0)
        for line in lines {
            let text = column.text(of: line)
            let size = text.unicodeScalars.reduce(0) { sum, scalar in
                sum + (scalar.value > 0x2e80 ? 4 : ".,:' ".unicodeScalars.contains(scalar) ? 1 : 2)
            }
            if size > longest.size { longest = (text, size) }
        }
        return longest.size > 0 ? longest.text : nil
    }
}
