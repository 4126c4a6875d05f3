// swift-tools-version:6.2
import PackageDescription

let parts = [
    "AgentRuntime", "Chunking", "LocalFileSystem", "SQLiteIndex", "SyncCore", "SyncEngine", "SyncModel", "TLSTransport",
    "WireProtocol",
]

/// One large file and many small ones between two folders over loopback: `swift run -c release transfer-benchmark`.
let package = Package(
    name: "transfer-benchmark",
    dependencies: [
        .package(name: "lanyard", path: "../../.."),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    ],
    targets: [
        .executableTarget(
            name: "transfer-benchmark",
            dependencies: parts.map { .product(name: $0, package: "lanyard") } + [
                .product(name: "Logging", package: "swift-log")
            ])
    ]
)
