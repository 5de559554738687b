/// Lines of text below each other in a part of the page's width.
struct Cell {
    var lines: ArraySlice<SetLine>
    /// The edge that the lines keep to.
    var edge: Double
    var isRightAligned = false

    init(_ lines: [SetLine], left: Double) {
        self.lines = lines[...]
        edge = left
    }

    init(_ lines: [SetLine], right: Double) {
        self.lines = lines[...]
        edge = right
        isRightAligned = true
    }

    var height: Double { lines.reduce(0) { $0 + $1.advance } }
}

/// Fills pages from top to bottom.
struct Flow {
    let paper: Paper
    /// Nothing is drawn without one: that is how the pages are counted.
    let canvas: Canvas?
    private(set) var page = 1
    /// Where the next thing goes.
    private(set) var top = Paper.margin
    /// Drawn at the head of each further page.
    var header: ((inout Flow) throws -> Void)?
    /// Drawn below the text of each page.
    let footer: (Flow) throws -> Void

    private var height: Double { paper.bottom - Paper.margin }

    init(paper: Paper, canvas: Canvas?, footer: @escaping (Flow) throws -> Void) {
        self.paper = paper
        self.canvas = canvas
        self.footer = footer
    }

    mutating func skip(_ points: Double) {
        top += points
    }

    mutating func rule(_ colour: Colour, width: Double, from left: Double? = nil) {
        canvas?.rule(from: left ?? paper.left, to: paper.right, y: top, width: width, colour)
    }

    /// Turns the page unless that much room is left on it.
    mutating func need(_ points: Double) throws {
        guard top + points > paper.bottom, points <= height else { return }
        try turnPage()
    }

    /// Cells beside each other. They stay on one page if any page can hold them.
    mutating func place(_ cells: [Cell]) throws {
        try need(cells.reduce(0) { max($0, $1.height) })
        var cells = cells
        var isFirst = true
        while true {
            var lowest = top
            for index in cells.indices {
                lowest = max(lowest, draw(&cells[index], evenIfTooLow: !isFirst))
            }
            top = lowest
            guard cells.contains(where: { !$0.lines.isEmpty }) else { return }
            try turnPage()
            isFirst = false
        }
    }

    mutating func end() throws {
        try footer(self)
        canvas?.endPage()
    }

    /// Draws what fits, and takes it out of the cell. A line too high for any page goes onto a fresh one nonetheless.
    private func draw(_ cell: inout Cell, evenIfTooLow: Bool) -> Double {
        var y = top
        while let line = cell.lines.first, y + line.advance <= paper.bottom || (evenIfTooLow && y == top) {
            canvas?.draw(line, x: cell.isRightAligned ? cell.edge - line.width : cell.edge, top: y)
            y += line.advance
            cell.lines.removeFirst()
        }
        return y
    }

    private mutating func turnPage() throws {
        try end()
        page += 1
        top = Paper.margin
        try header?(&self)
    }
}
