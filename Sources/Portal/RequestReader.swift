import Web

/// Brings path, query and body of one request together as the fields that its endpoint decodes.
struct RequestReader {
    let route: Route
    let target: RequestTarget
    let parameters: [JSONValue.Member]

    /// What has to be read before the caller is known: a body that holds the key, or one that is signed.
    /// - Returns: nil on other routes.
    /// - Throws: as ``read(_:)``.
    func readEarly(_ request: some IncomingRequest, _ caller: inout Caller) throws -> RequestContent? {
        switch route.access {
        case .bodyKey:
            let content = try read(request)
            if case .fields(let fields) = content { caller.presentedKey = fields["api_key"]?.string }
            return content
        case .signed: return try read(request)
        default: return nil
        }
    }

    /// - Throws: ``Failure`` 400 or 415; the pool's body errors.
    func read(_ request: some IncomingRequest) throws -> RequestContent {
        if case .signed = route.access { return .bytes(try request.readBody(limit: route.bodyLimit)) }
        switch route.method {
        case .get, .delete:
            guard !target.query.isEmpty || !parameters.isEmpty else { return .fields(.object([])) }
            return .fields(.object(parameters + (try PercentCoding.items(target.query.utf8, of: "query"))))
        case .post, .put, .patch:
            let body = try request.readBody(limit: route.bodyLimit)
            let type = request.parameter("CONTENT_TYPE") ?? ""
            if route.takesForms, Self.isForm(type) {
                return .fields(try merged(.object(try PercentCoding.items(body, of: "form"))))
            }
            return .fields(try merged(try json(body, type: type)))
        }
    }

    private func merged(_ body: JSONValue) throws -> JSONValue {
        guard case .object(let members) = body else { throw Failure.badRequest("The body must be a JSON object") }
        guard !parameters.isEmpty else { return body }
        return .object(
            parameters + members.filter { member in !parameters.contains { $0.name == member.name } }
        )
    }

    /// An absent body is an empty object, so that `POST` without arguments needs no header; clients that send the
    /// header with every `POST` are right too.
    private func json(_ body: [UInt8], type: String) throws -> JSONValue {
        guard !body.isEmpty else { return .object([]) }
        guard Self.isJSON(type) else {
            throw Failure(415, "unsupported_media_type", "The body must be sent as application/json")
        }
        do {
            return try JSONParser.parse(body)
        } catch let fault as JSONFault {
            throw Failure.badRequest(fault.message, code: "invalid_json")
        }
    }

    private static func isForm(_ type: String) -> Bool {
        let name = type.lowercased().prefix { $0 != ";" }
        return name.trimmingSuffix(" ") == "application/x-www-form-urlencoded"
    }

    /// `application/json`, in UTF-8 if a charset is named.
    private static func isJSON(_ type: String) -> Bool {
        if type == "application/json" { return true }
        let words = type.lowercased().split(separator: ";", omittingEmptySubsequences: false)
        let parts = words.map { $0.drop { $0 == " " } }
        guard parts.first?.trimmingSuffix(" ") == "application/json" else { return false }
        return parts.dropFirst().allSatisfy { part in
            !part.hasPrefix("charset=") || part.dropFirst(8).filter { $0 != "\"" }.trimmingSuffix(" ") == "utf-8"
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = String(self)
        while text.last == character { text.removeLast() }
        return text
    }
}
