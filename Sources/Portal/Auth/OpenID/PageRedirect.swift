import Web

/// Sends the browser to a page of this site. What the page must know stands in the fragment, which is sent to no server
/// and logged nowhere.
struct PageRedirect: Output {
    static var status: Int { 303 }
    static var contentType: String { "text/plain" }
    static var schema: Schema { String.schema }

    let path: String
    var fragment: [(String, String)] = []
    var cookies: [Header] = []

    func response() throws -> Response {
        let suffix = fragment.isEmpty ? "" : "#" + PercentCoding.encode(fragment)
        return Response(
            status: Self.status,
            contentType: Self.contentType,
            headers: [Header("Location", path + suffix)] + cookies
        )
    }
}
