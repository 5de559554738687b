// swift-tools-version: 6.2
import PackageDescription

// Arrows go one way: purser → Portal → the seven middle targets → C modules.
// The middle targets do not know each other, with one exception: Storage uses Crypto, for the
// digests that say whether a migration was edited. Tests/Portal/HouseTests.swift holds this.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

func middle(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = [], without others: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name)] + dependencies,
        path: "Tests/\(name)",
        exclude: others,
        swiftSettings: strict
    )
}

let package = Package(
    name: "purser",
    products: [.executable(name: "purser", targets: ["purser"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CFastCGI", providers: [.apt(["libfcgi-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CPango", pkgConfig: "pangocairo", providers: [.apt(["libpango1.0-dev"])]),
        .systemLibrary(name: "CLinux"),

        middle("FastCGI", ["CFastCGI", "CLinux"]),
        middle("Storage", ["CSQLite", "CLinux", "Crypto"]),
        middle("Web", []),
        middle("Outbound", ["CCurl", "CLinux"]),
        middle("Crypto", ["COpenSSL"]),
        middle("Documents", ["CPango"]),
        middle("Telemetry", ["CLinux", .product(name: "Logging", package: "swift-log")]),
        middle(
            "Portal",
            [
                "FastCGI", "Storage", "Web", "Outbound", "Crypto", "Documents", "Telemetry", "CLinux",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .executableTarget(
            name: "purser",
            dependencies: ["Portal", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict
        ),

        tests(of: "FastCGI"),
        tests(of: "Storage"),
        tests(of: "Web"),
        tests(of: "Outbound", without: ["peer.py"]),
        tests(of: "Crypto"),
        tests(of: "Documents"),
        tests(of: "Portal"),
    ],
    swiftLanguageModes: [.v6]
)
