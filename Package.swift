// swift-tools-version:6.2
import PackageDescription

/// Every target is compiled alike: warnings are errors, imports are internal unless said otherwise.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The arrows of the architecture page; `Config/test` also builds with
/// `--explicit-target-dependency-import-check error`, so an undeclared import fails.
let package = Package(
    name: "lanyard",
    products: [],
    dependencies: [],
    targets: [
        .systemLibrary(name: "COpenSSL", path: "Sources/System/COpenSSL"),
        .target(name: "SyncModel", swiftSettings: strict),
        .target(name: "Cryptography", dependencies: ["SyncModel", "COpenSSL"], swiftSettings: strict),
        .target(name: "SyncCore", dependencies: ["SyncModel"], swiftSettings: strict),
        .testTarget(name: "SyncModelTests", dependencies: ["SyncModel"], swiftSettings: strict),
        .testTarget(name: "SyncCoreTests", dependencies: ["SyncModel", "SyncCore"], swiftSettings: strict),
        .testTarget(name: "CryptographyTests", dependencies: ["SyncModel", "Cryptography"], swiftSettings: strict),
    ]
)
