// swift-tools-version:6.2
import PackageDescription

/// Every target is compiled alike: warnings are errors, imports are internal unless said otherwise.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Optimised in debug builds too: what the random histories run, which take most of the tests' time. As whole modules:
/// else what one file specialised for another is missing after an edit.
let optimised =
    strict + [
        .unsafeFlags(
            ["-O", "-whole-module-optimization", "-disable-batch-mode", "-num-threads", "2"],
            .when(configuration: .debug))
    ]

/// The arrows of the architecture page; `Config/test` also builds with
/// `--explicit-target-dependency-import-check error`, so an undeclared import fails.
let package = Package(
    name: "lanyard",
    products: [
        .executable(name: "lanyard", targets: ["lanyard"]),
        // For the tests alone: loaded into agents that are to crash.
        .library(name: "CrashPoints", type: .dynamic, targets: ["CrashPoints"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        // What Hummingbird is made of and LocalServer names itself.
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CCurl", path: "Sources/System/CCurl"),
        .systemLibrary(name: "CAvahi", path: "Sources/System/CAvahi"),
        .systemLibrary(name: "COpenSSL", path: "Sources/System/COpenSSL"),
        .systemLibrary(name: "CZstd", path: "Sources/System/CZstd"),
        .systemLibrary(name: "CSocket", path: "Sources/System/CSocket"),
        .target(
            name: "CLinux", path: "Sources/System/CLinux", cSettings: [.treatAllWarnings(as: .error)]),
        .target(name: "SyncModel", swiftSettings: optimised),
        .target(name: "Cryptography", dependencies: ["SyncModel", "COpenSSL"], swiftSettings: strict),
        .target(name: "Compression", dependencies: ["CZstd"], swiftSettings: strict),
        .target(name: "Chunking", dependencies: ["SyncModel", "Cryptography"], swiftSettings: strict),
        .target(name: "SyncCore", dependencies: ["SyncModel"], swiftSettings: optimised),
        .target(name: "WireProtocol", dependencies: ["SyncModel", "Cryptography"], swiftSettings: strict),
        .target(
            name: "LocalFileSystem", dependencies: ["SyncModel", "Chunking", "Cryptography", "CLinux"],
            swiftSettings: strict),
        .target(
            name: "SQLiteIndex",
            dependencies: [
                "SyncModel", "Cryptography",
                .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            resources: [.embedInCode("Schema/SQL")],
            swiftSettings: strict),
        .target(
            name: "TLSTransport", dependencies: ["SyncModel", "Cryptography", "COpenSSL", "CSocket"],
            swiftSettings: strict),
        .target(name: "SyncEngine", dependencies: ["SyncModel", "SyncCore", "WireProtocol"], swiftSettings: optimised),
        .target(
            name: "AgentRuntime",
            dependencies: [
                "SyncModel", "SyncCore", "SyncEngine", "WireProtocol", "Chunking", "Compression", "Cryptography",
                "LocalFileSystem", "SQLiteIndex", "TLSTransport", "AvahiDiscovery", "ControlAPI", "LocalServer",
                "CLinux",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "AvahiDiscovery", dependencies: ["SyncModel", "Cryptography", "CAvahi"], swiftSettings: strict),
        .target(name: "ControlAPI", dependencies: ["SyncModel", "CCurl"], swiftSettings: strict),
        .target(
            name: "LocalServer",
            dependencies: [
                "ControlAPI",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "lanyard",
            dependencies: [
                "SyncModel", "ControlAPI", "AgentRuntime",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(name: "SyncModelTests", dependencies: ["SeededRandom", "SyncModel"], swiftSettings: strict),
        .testTarget(name: "CryptographyTests", dependencies: ["SyncModel", "Cryptography"], swiftSettings: strict),
        .testTarget(name: "CompressionTests", dependencies: ["SeededRandom", "Compression"], swiftSettings: strict),
        .testTarget(
            name: "ChunkingTests", dependencies: ["SyncModel", "Cryptography", "Chunking"], swiftSettings: strict),
        // One file, for which the compiler would put a whole module's object beside the package.
        .target(
            name: "SeededRandom", path: "Tests/Support/SeededRandom",
            swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
        .target(
            name: "ModelFolder", dependencies: ["SeededRandom", "SyncModel", "SyncCore"],
            path: "Tests/Support/ModelFolder",
            swiftSettings: optimised),
        .target(
            name: "SimulatedFolder",
            dependencies: ["SyncModel", "SyncCore", "SyncEngine", "WireProtocol", "ModelFolder"],
            path: "Tests/Support/SimulatedFolder", swiftSettings: optimised),
        .target(
            name: "Simulation",
            dependencies: ["SeededRandom", "SyncModel", "SyncCore", "SyncEngine", "ModelFolder", "SimulatedFolder"],
            path: "Tests/Support/Simulation", swiftSettings: optimised),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "SimulatedFolder", "Simulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Support/simulate", swiftSettings: strict),
        .target(
            name: "SmallScope", dependencies: ["SyncModel", "SyncCore", "ModelFolder"],
            path: "Tests/Support/SmallScope", swiftSettings: optimised),
        .executableTarget(
            name: "small-scope",
            dependencies: ["SmallScope", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/Support/small-scope", swiftSettings: strict),
        .testTarget(
            name: "SyncCoreTests",
            dependencies: ["SeededRandom", "SyncModel", "SyncCore", "ModelFolder", "SmallScope"],
            swiftSettings: strict),
        .testTarget(
            name: "WireProtocolTests",
            dependencies: ["SeededRandom", "SyncModel", "Cryptography", "WireProtocol", "WireVectors"],
            exclude: ["Vectors"], swiftSettings: strict),
        .target(
            name: "WireVectors", dependencies: ["SyncModel", "WireProtocol"], path: "Tests/Support/WireVectors",
            swiftSettings: strict),
        .testTarget(
            name: "LocalFileSystemTests",
            dependencies: [
                "SeededRandom", "SyncModel", "Chunking", "Cryptography", "CLinux", "LocalFileSystem", "AgentProcesses",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SQLiteIndexTests", dependencies: ["SeededRandom", "SyncModel", "Cryptography", "SQLiteIndex"],
            swiftSettings: strict),
        .testTarget(
            name: "TLSTransportTests",
            dependencies: ["SyncModel", "Cryptography", "TLSTransport", "COpenSSL", "CSocket", "LanHosts"],
            swiftSettings: strict),
        .testTarget(
            name: "SyncEngineTests",
            dependencies: [
                "SeededRandom", "SyncModel", "SyncCore", "SyncEngine", "WireProtocol", "Cryptography", "ModelFolder",
                "SimulatedFolder", "Simulation",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AgentRuntimeTests",
            dependencies: [
                "SeededRandom", "SyncModel", "SyncCore", "SyncEngine", "WireProtocol", "Chunking", "Compression",
                "Cryptography", "LocalFileSystem", "SQLiteIndex", "TLSTransport", "ControlAPI", "AgentRuntime",
                "AgentProcesses",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AvahiDiscoveryTests", dependencies: ["SeededRandom", "SyncModel", "AvahiDiscovery", "CAvahi"],
            swiftSettings: strict),
        .testTarget(name: "HouseStyleTests", swiftSettings: strict),
        .target(
            name: "ControlSamples", dependencies: ["SyncModel", "ControlAPI"], path: "Tests/Support/ControlSamples",
            swiftSettings: strict),
        .target(
            name: "FakeAgent", dependencies: ["ControlAPI", "ControlSamples", "LocalServer"],
            path: "Tests/Support/FakeAgent",
            swiftSettings: strict),
        .testTarget(
            name: "ControlAPITests",
            dependencies: ["SeededRandom", "SyncModel", "ControlAPI", "ControlSamples", "FakeAgent", "LocalServer"],
            swiftSettings: strict),
        .testTarget(
            name: "LanyardCommandTests",
            dependencies: [
                "SyncModel", "ControlAPI", "FakeAgent", "LanHosts", "lanyard",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["Scripts"], swiftSettings: strict),
        .target(
            name: "Fuzzing",
            dependencies: [
                "SyncModel", "Cryptography", "Compression", "Chunking", "SyncCore", "WireProtocol", "LocalFileSystem",
                "TLSTransport", "AvahiDiscovery", "ControlAPI", "ControlSamples", "WireVectors",
            ],
            path: "Tests/Support/Fuzzing", swiftSettings: strict),
        // With libFuzzer's `main` where `Config/fuzz` builds it, otherwise with one that reads inputs again.
        .executableTarget(
            name: "fuzz", dependencies: ["Fuzzing"], path: "Tests/Support/fuzz", swiftSettings: strict),
        .testTarget(
            name: "FuzzingTests", dependencies: ["Fuzzing"], exclude: ["Finds"], swiftSettings: strict),
        .target(name: "LanHosts", path: "Tests/Support/LanHosts", swiftSettings: strict),
        .executableTarget(
            name: "lan-hosts", dependencies: ["LanHosts"], path: "Tests/Support/lan-hosts", swiftSettings: strict),
        .executableTarget(
            name: "discovery-probe", dependencies: ["SyncModel", "AvahiDiscovery"],
            path: "Tests/Support/discovery-probe", swiftSettings: strict),
        .testTarget(name: "LanHostsTests", dependencies: ["LanHosts", "lan-hosts"], swiftSettings: strict),
        .testTarget(
            name: "AvahiDiscoveryLanTests", dependencies: ["LanHosts", "discovery-probe"], swiftSettings: strict),
        .target(
            name: "AgentProcesses", dependencies: ["SeededRandom", "LanHosts"], path: "Tests/Support/AgentProcesses",
            swiftSettings: strict),
        .target(
            name: "CrashPoints", path: "Tests/Support/crash-points", cSettings: [.treatAllWarnings(as: .error)]),
        .target(
            name: "CrashDisk", dependencies: ["SeededRandom", "LanHosts", "CLinux"], path: "Tests/Support/CrashDisk",
            swiftSettings: optimised),
        .testTarget(
            name: "AgentProcessTests",
            dependencies: [
                "SeededRandom", "AgentProcesses", "CrashDisk", "LanHosts", "SyncModel", "Cryptography", "SQLiteIndex",
                "WireProtocol", "TLSTransport", "lanyard", .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        // Knows nothing of the program: whatever it is to explain is seen from outside.
        .target(
            name: "BlackBox", dependencies: ["SeededRandom"], path: "Tests/Support/BlackBox", swiftSettings: optimised),
        .testTarget(
            name: "AgentLanTests",
            dependencies: ["BlackBox", "CLinux", "ControlAPI", "LanHosts", "Simulation", "lanyard"],
            swiftSettings: strict),
    ]
)
