/// Finds the route for a method and a path. Built once from the table; look-ups never change it.
public struct RouteTrie<Leaf: Sendable>: Sendable {
    /// A mistake in the table, found at start.
    public struct Conflict: Error, CustomStringConvertible {
        public let description: String
    }

    public enum Match {
        case found(Leaf, parameters: [JSONValue.Member])
        /// The path exists, for these methods.
        case otherMethods([Method: Leaf])
        case notFound
    }

    private struct Node: Sendable {
        var children: [String: Node] = [:]
        var parameter: (name: String, template: String)?
        var wildcard: [Node] = []
        var leaves: [Method: Leaf] = [:]
    }

    private var root = Node()
    /// Paths without parameters, whole: most look-ups end here.
    private var exact: [String: [Method: Leaf]] = [:]

    public init() {}

    /// - Throws: ``Conflict`` on a duplicate, or on two names for one parameter, of which one would shadow the other.
    public mutating func insert(_ method: Method, _ template: String, _ leaf: Leaf) throws {
        let segments = template.split(separator: "/").map(String.init)
        guard template.hasPrefix("/"), !template.contains("//"), template == "/" || !template.hasSuffix("/") else {
            throw Conflict(description: "\(template): a path begins with one slash and ends without")
        }
        try Self.insert(segments[...], into: &root, method, template, leaf)
        if !segments.contains(where: { Self.parameterName($0) != nil }) { exact[template, default: [:]][method] = leaf }
    }

    private static func insert(
        _ segments: ArraySlice<String>,
        into node: inout Node,
        _ method: Method,
        _ template: String,
        _ leaf: Leaf
    ) throws {
        guard let segment = segments.first else {
            guard node.leaves.updateValue(leaf, forKey: method) == nil else {
                throw Conflict(description: "\(method.rawValue) \(template) stands in the table twice")
            }
            return
        }
        guard let name = parameterName(segment) else {
            let rest = segments.dropFirst()
            return try insert(rest, into: &node.children[segment, default: Node()], method, template, leaf)
        }
        if let other = node.parameter, other.name != name {
            throw Conflict(description: "\(template) is shadowed by \(other.template)")
        }
        node.parameter = (name, template)
        if node.wildcard.isEmpty { node.wildcard = [Node()] }
        try insert(segments.dropFirst(), into: &node.wildcard[0], method, template, leaf)
    }

    /// The name inside `{name}`, nil for a literal segment.
    public static func parameterName(_ segment: String) -> String? {
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return nil }
        return String(segment.dropFirst().dropLast())
    }

    public func match(_ method: String, _ target: RequestTarget) -> Match {
        if target.isPlain, let leaves = exact[target.path] { return Self.match(method, leaves, []) }
        var parameters: [JSONValue.Member] = []
        guard let node = Self.find(target.segments[...], under: root, &parameters) else { return .notFound }
        return Self.match(method, node.leaves, parameters)
    }

    private static func match(_ method: String, _ leaves: [Method: Leaf], _ parameters: [JSONValue.Member]) -> Match {
        // HEAD is GET without its body (RFC 9110, section 9.3.2); nginx drops the body.
        if let method = Method(rawValue: method == "HEAD" ? "GET" : method), let leaf = leaves[method] {
            return .found(leaf, parameters: parameters)
        }
        return .otherMethods(leaves)
    }

    /// A literal segment wins over a parameter; where its branch leads nowhere, the parameter is tried.
    private static func find(
        _ segments: ArraySlice<String>,
        under node: Node,
        _ parameters: inout [JSONValue.Member]
    ) -> Node? {
        guard let segment = segments.first else { return node.leaves.isEmpty ? nil : node }
        if let child = node.children[segment], let found = find(segments.dropFirst(), under: child, &parameters) {
            return found
        }
        guard let name = node.parameter?.name, let child = node.wildcard.first else { return nil }
        let depth = parameters.count
        parameters.append(.init(name, .text(segment)))
        if let found = find(segments.dropFirst(), under: child, &parameters) { return found }
        parameters.removeLast(parameters.count - depth)
        return nil
    }
}
