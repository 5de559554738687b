import Web

/// What a report's rows are chosen by. Nothing given is 0 or empty.
struct ReportFilter: Sendable {
    var account: Int64 = 0
    var currency = ""
    var span = Timestamp(milliseconds: 0)..<Timestamp(milliseconds: .max)
    /// Rows with smaller ids.
    var before = Int64.max
    var limit: Int64
}

/// What all lists over all accounts can be asked by.
struct ReportQuery: Codable, Sendable {
    let account: Int64?
    /// As each list has them; an unknown one finds nothing.
    let status: Text<0, 32>?
    let currency: Currency?
    /// Both are part of the period.
    let from: Day?
    let to: Day?
    let limit: Whole<1, 500>?
    /// `next_cursor` of the page before.
    let cursor: Int64?

    /// - Throws: ``Failure`` 400 for a period that ends before it begins.
    func filter(limit: Int64) throws -> ReportFilter {
        let (from, to) = (from ?? Day.range.lowerBound, to ?? Day.range.upperBound)
        guard from <= to else { throw Failure.invalid("from", "must not be after to") }
        return ReportFilter(
            account: account ?? 0,
            currency: currency?.code ?? "",
            span: Timestamp(day: from)..<Timestamp(day: to).adding(days: 1),
            before: cursor ?? .max,
            limit: limit
        )
    }
}

/// A page of a list over all accounts, newest first.
struct ReportPage<Item: Codable & Sendable>: JSONOutput {
    let data: [Item]
    /// Null on the last page.
    let nextCursor: Nullable<Int64>

    enum CodingKeys: String, CodingKey {
        case data
        case nextCursor = "next_cursor"
    }
}

/// What a list over all accounts is made of: shown by the page, or written out whole for the accountant.
protocol ReportRow: Codable, Sendable {
    /// Rows with greater ids were made later.
    var position: Int64 { get }

    static func find(_ filter: ReportFilter, status: String, in app: App) async throws -> [Self]
}

extension ReportRow {
    static func page(_ query: ReportQuery, in app: App) async throws -> ReportPage<Self> {
        let limit = query.limit?.value ?? 50
        // One more than is shown tells whether there is another page.
        let found = try await find(query.filter(limit: limit + 1), status: query.status?.value ?? "", in: app)
        let shown = found.prefix(Int(limit))
        return ReportPage(
            data: Array(shown),
            nextCursor: Nullable(found.count > shown.count ? shown.last?.position : nil)
        )
    }
}

/// A list that can be had as a file.
protocol ExportedRow: ReportRow {
    static var columns: [String] { get }
    var fields: [String] { get }
}

extension ExportedRow {
    private static var rowsAtOnce: Int64 { 1000 }

    /// - Parameter name: of the file, without its end.
    static func file(_ name: String, _ query: ReportQuery, in app: App) throws -> CSVFile {
        let first = try query.filter(limit: rowsAtOnce)
        let status = query.status?.value ?? ""
        return CSVFile("\(name)-\(app.now().day.text).csv") { write in
            try write(CSV.line(columns))
            var filter = first
            while true {
                let rows = try await find(filter, status: status, in: app)
                if !rows.isEmpty { try write(rows.reduce(into: []) { $0 += CSV.line($1.fields) }) }
                guard rows.count == rowsAtOnce, let last = rows.last else { return }
                filter.before = last.position
            }
        }
    }
}
