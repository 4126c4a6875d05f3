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
        .systemLibrary(name: "CAvahi", path: "Sources/System/CAvahi"),
        .target(name: "SyncModel", swiftSettings: strict),
        .target(name: "Cryptography", dependencies: ["SyncModel", "COpenSSL"], swiftSettings: strict),
        .target(
            name: "AvahiDiscovery", dependencies: ["SyncModel", "Cryptography", "CAvahi"], swiftSettings: strict),
        .testTarget(name: "SyncModelTests", dependencies: ["SyncModel"], swiftSettings: strict),
        .testTarget(name: "CryptographyTests", dependencies: ["SyncModel", "Cryptography"], swiftSettings: strict),
        .target(name: "LanHosts", path: "Tests/Support/LanHosts", swiftSettings: strict),
        .executableTarget(
            name: "lan-hosts", dependencies: ["LanHosts"], path: "Tests/Support/lan-hosts", swiftSettings: strict),
        .executableTarget(
            name: "discovery-probe", dependencies: ["SyncModel", "AvahiDiscovery"],
            path: "Tests/Support/discovery-probe", swiftSettings: strict),
        .testTarget(name: "LanHostsTests", dependencies: ["LanHosts", "lan-hosts"], swiftSettings: strict),
        .testTarget(
            name: "AvahiDiscoveryTests", dependencies: ["SyncModel", "AvahiDiscovery"], swiftSettings: strict),
        .testTarget(
            name: "AvahiDiscoveryLanTests", dependencies: ["LanHosts", "discovery-probe"], swiftSettings: strict),
    ]
)
