import Storage
import Web

/// Values kept in a column as JSON.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoding.bytes(of: value), as: UTF8.self)
    }

    /// - Throws: ``StoreError/corrupt(_:)``.
    static func value<Value: Decodable>(_ text: String) throws -> Value {
        do {
            return try InputDecoder.decode(Value.self, from: try JSONParser.parse(Array(text.utf8)))
        } catch {
            throw StoreError.corrupt("what is stored is no \(Value.self)")
        }
    }
}
