// swift-tools-version:6.2
import PackageDescription

/// Throughput of one connection over loopback: `swift run -c release transport-benchmark`.
let package = Package(
    name: "transport-benchmark",
    dependencies: [.package(name: "lanyard", path: "../../..")],
    targets: [
        .executableTarget(
            name: "transport-benchmark",
            dependencies: [
                .product(name: "TLSTransport", package: "lanyard"), .product(name: "SyncModel", package: "lanyard"),
            ])
    ]
)
