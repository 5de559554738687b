import Web

extension Letter {
    /// The letter in HTML: one column, the site's colours by day and by night, nothing fetched from anywhere.
    ///
    /// Readers that drop the style sheet keep what the elements say by themselves; those that keep only what is
    /// written at an element (some of the large webmailers) still get a button that looks like one.
    ///
    /// - Parameter site: our address, at the end.
    func html(site: String) -> String {
        let parts = parts.map { part in
            switch part {
            case .text(let text):
                "<p>\(HTML.escape(text).replacing("\n", with: "<br>\n"))</p>"
            case .link(let label, let url):
                """
                <p><a class="button" href="\(HTML.escape(url))" style="\(Self.button)">\(HTML.escape(label))</a></p>
                <p class="soft">Or open this address:<br><a href="\(HTML.escape(url))">\(HTML.escape(url))</a></p>
                """
            case .code(let code):
                "<p class=\"code\" style=\"\(Self.code)\">\(HTML.escape(code))</p>"
            }
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(HTML.escape(subject))</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <main>
            <h1>\(HTML.escape(subject))</h1>
            \(parts.joined(separator: "\n"))
            </main>
            <p class="soft foot">Purser, <a href="\(HTML.escape(site))">\(HTML.escape(site))</a></p>
            </body>
            </html>

            """
    }

    private static let button =
        "display:inline-block;padding:12px 20px;border-radius:8px;background:#0b5c74;color:#ffffff;"
        + "font-weight:600;text-decoration:none"
    private static let code = "font:600 28px/1.3 monospace;letter-spacing:4px"

    private static let style = """
        :root { color-scheme: light dark; }
        body { margin: 0; padding: 24px 16px; background: #f4f6f5; color: #12212a;
          font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
        main { max-width: 34rem; margin: 0 auto; padding: 24px; background: #ffffff; border: 1px solid #dce3e3;
          border-radius: 12px; overflow-wrap: anywhere; }
        h1 { margin: 0 0 16px; font: 600 24px/1.25 Georgia, serif; }
        p { margin: 0 0 16px; }
        a { color: #0b5c74; }
        .soft { font-size: 14px; color: #4a5a63; }
        .foot { max-width: 34rem; margin: 16px auto 0; text-align: center; }
        @media (prefers-color-scheme: dark) {
          body { background: #0e1416; color: #e7eef0; }
          main { background: #151d20; border-color: #28353a; }
          a { color: #66c4dd; }
          .button { background: #66c4dd !important; color: #05222b !important; }
          .soft { color: #a5b4ba; }
        }
        """
}
