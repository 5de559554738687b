/// An invoice's sheet: who, what, how much, from top to bottom.
struct InvoiceSheet {
    private let document: InvoiceDocument
    private let paper: Paper
    private let type: Typesetter
    private let table: LinesTable
    private let tableHeader: [Cell]
    private var flow: Flow

    /// - Parameters:
    ///   - canvas: nil to count the pages.
    ///   - pages: how many there are, for the footers.
    init(_ document: InvoiceDocument, on paper: Paper, _ type: Typesetter, canvas: Canvas?, pages: Int) throws {
        self.document = document
        self.paper = paper
        self.type = type
        table = try LinesTable(document.lines, from: paper.left, to: paper.right, type)
        tableHeader = try table.header()
        let name = [document.seller.first, "\(document.title) \(document.number)"]
            .compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "  ·  ")
        flow = Flow(paper: paper, canvas: canvas) { flow in
            guard let canvas = flow.canvas else { return }
            let top = paper.bottom + 18
            canvas.rule(from: paper.left, to: paper.right, y: top - 6, width: 0.5, .line)
            let number = try type.set("Page \(flow.page) of \(pages)", .small, .soft, width: 120)
            let room = paper.right - paper.left - 130
            for line in try type.set(name, .small, .soft, width: room).prefix(1) {
                canvas.draw(line, x: paper.left, top: top)
            }
            for line in number.prefix(1) { canvas.draw(line, x: paper.right - line.width, top: top) }
        }
    }

    /// Draws it all, and says how many pages it took.
    mutating func draw() throws -> Int {
        try head()
        try customer()
        try headline()
        try lines()
        try totals()
        try notes()
        try flow.end()
        return flow.page
    }

    private var width: Double { paper.right - paper.left }

    /// The title and the facts; the seller opposite.
    private mutating func head() throws {
        flow.canvas?.fill(Box(x: 0, y: 0, width: paper.width, height: 5), radius: 0, .accent)
        let title = try type.set(document.title, .title, .ink, width: width * 0.5)
        let name = try type.set(document.seller.first ?? "", .name, .ink, width: width * 0.4).prefix(3)
        if let stamp = document.stamp, !stamp.text.isEmpty {
            try draw(stamp, x: paper.left + title.width + 14, top: flow.top + 9)
        }
        var top = flow.top + max(0, title.height - Array(name).height)
        for line in name {
            flow.canvas?.draw(line, x: paper.right - line.width, top: top)
            top += line.advance
        }
        try flow.place([Cell(title, left: paper.left)])
        flow.skip(max(0, top - flow.top) + 6)
        let facts = ([InvoiceDocument.Fact("Number", document.number)] + document.facts).filter { !$0.value.isEmpty }
        let address = document.seller.dropFirst().map(\.self)
        var indent = 0.0
        for fact in facts { indent = try max(indent, type.width(of: fact.label, .body) + 16) }
        indent = min(indent, width * 0.25)
        for index in 0..<max(facts.count, address.count) {
            var cells: [Cell] = []
            if index < facts.count {
                let (fact, style): (InvoiceDocument.Fact, TextStyle) = (facts[index], index == 0 ? .strong : .body)
                let value = try type.set(fact.value, style, .ink, width: width * 0.55 - indent)
                let label = try type.set(fact.label, .body, .soft, width: indent - 16)
                cells += [Cell(label, left: paper.left), Cell(value, left: paper.left + indent)]
            }
            if index < address.count {
                let line = try type.set(address[index], .body, .soft, width: width * 0.4)
                cells.append(Cell(line, right: paper.right))
            }
            try flow.place(cells)
        }
        flow.skip(18)
    }

    private func draw(_ stamp: InvoiceDocument.Stamp, x: Double, top: Double) throws {
        let (ink, ground): (Colour, Colour) =
            switch stamp.tone {
            case .good: (.good, .goodSoft)
            case .warning: (.warning, .warningSoft)
            case .bad: (.bad, .badSoft)
            }
        let lines = try type.set(stamp.text, .label, ink, width: width * 0.35 - 20)
        let box = Box(x: x, y: top, width: lines.width + 16, height: lines.height + 5)
        flow.canvas?.fill(box, radius: 8, ground)
        var y = top + 2.5
        for line in lines {
            flow.canvas?.draw(line, x: x + 8, top: y)
            y += line.advance
        }
    }

    private mutating func customer() throws {
        guard !document.customer.isEmpty else { return }
        var lines = try type.set("Billed to", .label, .soft, width: width)
        for (index, text) in document.customer.enumerated() {
            lines += try type.set(text, index == 0 ? .strong : .body, index == 0 ? .ink : .soft, width: width * 0.75)
        }
        try flow.place([Cell(lines, left: paper.left)])
        flow.skip(18)
    }

    private mutating func headline() throws {
        guard !document.headline.isEmpty || document.payment != nil else { return }
        let half = width / 2
        let label = try type.set(document.payment?.label ?? "", .strong, .onAccent, width: half - 60)
        var lines = try type.set(document.headline, .headline, .ink, width: label.isEmpty ? width : half + 20)
        if let payment = document.payment { lines += try type.set(payment.url, .small, .soft, width: half + 20) }
        let button = Box(
            x: paper.right - label.width - 28,
            y: flow.top,
            width: label.width + 28,
            height: label.height + 13
        )
        let height = max(lines.height, label.isEmpty ? 0 : button.height)
        try flow.need(height)
        if let payment = document.payment, !label.isEmpty {
            var box = button
            box.y = flow.top
            flow.canvas?.fill(box, radius: 5, .accent)
            var y = box.y + 6.5
            for line in label {
                flow.canvas?.draw(line, x: box.x + 14, top: y)
                y += line.advance
            }
            flow.canvas?.link(box, to: payment.url)
        }
        let top = flow.top
        try flow.place([Cell(lines, left: paper.left)])
        flow.skip(max(0, top + height - flow.top) + 18)
    }

    private mutating func lines() throws {
        guard !document.lines.isEmpty else { return }
        let header = tableHeader
        let draw: (inout Flow) throws -> Void = { flow in
            try flow.place(header)
            flow.skip(4)
            flow.rule(.strongLine, width: 0.75)
            flow.skip(6)
        }
        try flow.need(60)
        try draw(&flow)
        flow.header = draw
        for (index, line) in document.lines.enumerated() {
            if index > 0 {
                flow.skip(5)
            }
            try flow.place(table.row(line))
            flow.skip(5)
            flow.rule(.line, width: 0.5)
        }
        flow.header = nil
        flow.skip(12)
    }

    private mutating func totals() throws {
        let left = paper.left + width / 2
        var rows: [(total: InvoiceDocument.Total, cells: [Cell])] = []
        for total in document.totals {
            let style: TextStyle = total.isMain ? .name : .body
            let amount = try type.set(total.amount, style, .ink, width: width / 4)
            let label = try type.set(total.label, style, total.isMain ? .ink : .soft, width: width / 4 - 10)
            rows.append((total, [Cell(label, left: left), Cell(amount, right: paper.right)]))
        }
        let height = rows.reduce(0) { $0 + ($1.cells.map(\.height).max() ?? 0) + ($1.total.isMain ? 13 : 3) }
        try flow.need(height)
        for (total, cells) in rows {
            if total.isMain {
                flow.skip(4)
                flow.rule(.accent, width: 1, from: left)
                flow.skip(6)
            }
            try flow.place(cells)
            flow.skip(3)
        }
    }

    private mutating func notes() throws {
        guard !document.notes.isEmpty else { return }
        flow.skip(14)
        for note in document.notes {
            try flow.place([Cell(try type.set(note, .body, .soft, width: width), left: paper.left)])
            flow.skip(4)
        }
    }
}
