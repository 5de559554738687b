import Documents
import Web

/// An invoice as a page of its own: it needs no script and no cookie, and nobody is told its address.
struct HostedInvoice: Sendable {
    private let document: InvoiceDocument
    private let path: String
    private let isPayable: Bool
    private let payPages: String

    init(_ record: InvoiceRecord, token: String, settings: Settings) {
        document = InvoicePaper.document(record, payAt: nil)
        path = "/i/\(token)"
        isPayable = settings.paymentsEnabled && record.isChargeable
        // Browsers hold a form's redirects to form-action too, hence the provider's page, or that of its double.
        payPages = "https://checkout.stripe.com" + (settings.isStripeDouble ? " \(settings.stripeAPIBase)" : "")
    }

    var page: HTMLPage {
        let policy =
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' \(payPages); base-uri 'none'; "
            + "frame-ancestors 'none'"
        return HTMLPage(
            html,
            headers: [Header("Content-Security-Policy", policy), Header("X-Robots-Tag", "noindex, nofollow")]
        )
    }

    private var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex, nofollow">
        <meta name="color-scheme" content="light dark">
        <title>\(text("\(document.title) \(document.number)"))</title>
        <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/assets/base.css">
        <link rel="stylesheet" href="/assets/invoice.css">
        </head>
        <body>
        <main>
        <article class="sheet">
        \(head)
        \(headline)
        \(parties)
        \(table)
        \(totals)
        \(document.notes.map { "<p class=\"note\" dir=\"auto\">\(text($0))</p>" }.joined(separator: "\n"))
        </article>
        </main>
        </body>
        </html>

        """
    }

    private var head: String {
        let stamp = document.stamp.map { stamp in
            let tone =
                switch stamp.tone {
                case .good: "good"
                case .warning: "warn"
                case .bad: "bad"
                }
            let word = stamp.text.prefix(1) + stamp.text.dropFirst().lowercased()
            return " <span class=\"badge \(tone)\">\(text(String(word)))</span>"
        }
        let facts = document.facts.map { "<div><dt>\(text($0.label))</dt><dd>\(text($0.value))</dd></div>" }
        return """
            <header class="sheet-head">
            <h1>\(text(document.title)) <span class="number">\(text(document.number))</span>\(stamp ?? "")</h1>
            <dl class="facts">\(facts.joined())</dl>
            </header>
            """
    }

    private var headline: String {
        let pay =
            isPayable
            ? """
            <form method="post" action="\(text(path))/pay">
            <button type="submit" class="button">Pay online</button>
            </form>
            """ : ""
        return """
            <div class="headline">
            <p class="amount">\(text(document.headline))</p>
            <div class="actions">\(pay)<a class="button quiet" href="\(text(path))/pdf">Download PDF</a></div>
            </div>
            """
    }

    private var parties: String {
        let sides = [("From", document.seller), ("Billed to", document.customer)].filter { !$0.1.isEmpty }
        let parts = sides.map { label, lines in
            let lines = lines.enumerated().map { index, line in
                "<p dir=\"auto\"\(index == 0 ? " class=\"name\"" : "")>\(text(line))</p>"
            }
            return "<section><h2>\(label)</h2>\(lines.joined())</section>"
        }
        return parts.isEmpty ? "" : "<div class=\"parties\">\(parts.joined())</div>"
    }

    /// A column in which every row is empty is left out, as in the PDF.
    private var table: String {
        typealias Column = (label: String, value: (InvoiceDocument.Line) -> String)
        let columns: [Column] = [
            ("Quantity", \.quantity), ("Unit price", \.unitPrice), ("Amount", \.amount), ("Discount", \.discount),
            ("Tax", \.tax), ("Total", \.total),
        ]
        let shown = columns.filter { column in document.lines.contains { !column.value($0).isEmpty } }
        let heads = shown.map { "<th scope=\"col\" class=\"numeric\">\($0.label)</th>" }
        let rows = document.lines.map { line in
            let detail = line.detail.isEmpty ? "" : "<span class=\"detail\">\(text(line.detail))</span>"
            let cells = shown.map { "<td class=\"numeric\">\(text($0.value(line)))</td>" }
            return "<tr><td dir=\"auto\">\(text(line.description))\(detail)</td>\(cells.joined())</tr>"
        }
        guard !rows.isEmpty else { return "" }
        return """
            <div class="lines" tabindex="0" role="region" aria-label="Lines"><table>
            <thead><tr><th scope="col">Description</th>\(heads.joined())</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table></div>
            """
    }

    private var totals: String {
        let rows = document.totals.map { total in
            "<div\(total.isMain ? " class=\"main\"" : "")><dt dir=\"auto\">\(text(total.label))</dt>"
                + "<dd>\(text(total.amount))</dd></div>"
        }
        return "<dl class=\"totals\">\(rows.joined(separator: "\n"))</dl>"
    }

    private func text(_ text: String) -> String { HTML.escape(text) }
}

extension Settings {
    /// Whether another server plays the provider's part, as in the demo.
    var isStripeDouble: Bool { stripeAPIBase != "https://api.stripe.com" }
}
