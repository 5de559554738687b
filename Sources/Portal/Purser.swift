import Crypto
import FastCGI
import FoundationEssentials
import Glibc
import Logging
import Outbound
import Storage
import Telemetry
import Web

/// The product, as the command sees it.
public enum Purser {
    public static let version = "0.1.0"

    /// The table as lines of text, for `purser routes`.
    public static func routeLines() -> [String] {
        routes.map { route in
            [
                route.method.rawValue, route.path, route.name, route.access.text, "\(route.limit)",
                route.category.rawValue, "\(route.bodyLimit)",
            ]
            .joined(separator: "\t")
        }
    }

    /// The OpenAPI document, for `purser openapi`.
    public static func openAPI() -> String { String(decoding: ShowOpenAPI.document, as: UTF8.self) }

    /// The settings in force, secrets masked, as `NAME=value` lines.
    /// - Throws: an error whose description lists every mistake.
    public static func settingLines(_ sources: SettingSources) throws -> [String] {
        let values = try sources.values()
        _ = try Settings(values)
        return Setting.all.map { setting in
            let value = values[setting.name]
            return "\(setting.name)=\(setting.isSecret && !value.isEmpty ? "(given)" : value)"
        }
    }
}

/// Where settings come from: the environment, systemd's credentials and the settings file.
public struct SettingSources: Sendable {
    private let environment: [String: String]
    private let file: String?

    public init(environment: [String: String], file: String?) {
        (self.environment, self.file) = (environment, file)
    }

    var environmentVariables: [String: String] { environment }

    func values() throws -> SettingValues {
        let parsed = try file.map { try SettingValues.parse(file: try Self.read($0)) } ?? [:]
        return SettingValues(environment: environment, credentials: try credentials(), file: parsed)
    }

    /// One file per secret, as systemd's LoadCredential= lays them out (systemd.exec(5)).
    private func credentials() throws -> [String: String] {
        guard let folder = environment["CREDENTIALS_DIRECTORY"] else { return [:] }
        var secrets: [String: String] = [:]
        for setting in Setting.all where setting.isSecret {
            let name = setting.name.lowercased()
            let path = "\(folder)/\(name)"
            guard access(path, F_OK) == 0 else { continue }
            secrets[name] = String(try Self.read(path).filter { $0 != "\n" && $0 != "\r" })
        }
        return secrets
    }

    static func read(_ path: String) throws -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw SettingsFault(mistakes: ["cannot read \(path)"])
        }
    }
}

extension Purser {
    /// Where the database is.
    public static func databasePath(_ sources: SettingSources) throws -> String {
        "\(try Settings(try sources.values()).state)/purser.db"
    }
}
