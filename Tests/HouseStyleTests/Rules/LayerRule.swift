/// Which module may import which: the arrows of the architecture page (Sources/SyncModel/SyncModel.docc).
///
/// The build refuses an import that Package.swift doesn't declare; this refuses a declaration that the page doesn't.
enum LayerRule {
    /// Modules without a clock, a task, a file or a socket.
    static let pure: Set<String> = [
        "SyncModel", "Chunking", "SyncCore", "WireProtocol", "RelayFormat", "SyncEngine",
    ]

    private static let adapters: Set<String> = [
        "LocalFileSystem", "SQLiteIndex", "TLSTransport", "AvahiDiscovery", "ObjectStores", "ControlAPI",
        "LocalServer",
    ]

    /// What a module may import; nil for one that the page doesn't name.
    static func allowed(_ module: String) -> Set<String>? {
        switch module {
        case "SyncModel": []
        case "Cryptography": ["SyncModel", "COpenSSL"]
        case "Chunking", "WireProtocol", "RelayFormat": ["SyncModel", "Cryptography"]
        case "SyncCore": ["SyncModel"]
        case "Compression": ["CZstd"]
        case "SyncEngine": pure.subtracting(["SyncEngine"]).union(["Cryptography"])
        case "LocalFileSystem": ["SyncModel", "Chunking", "Cryptography", "CLinux", "Glibc", "Synchronization"]
        case "SQLiteIndex": ["SyncModel", "Cryptography", "GRDB", "GRDBSQLite", "Glibc", "Synchronization"]
        case "TLSTransport": ["SyncModel", "Cryptography", "COpenSSL", "CSocket", "Glibc", "Synchronization"]
        case "AvahiDiscovery": ["SyncModel", "Cryptography", "CAvahi", "Glibc", "Synchronization"]
        case "ObjectStores": ["SyncModel", "Cryptography", "CCurl", "Glibc", "Synchronization"]
        case "ControlAPI": ["SyncModel", "CCurl", "FoundationEssentials", "Glibc"]
        case "LocalServer":
            ["ControlAPI", "Hummingbird", "NIOCore", "HTTPTypes", "ServiceLifecycle", "Logging", "Glibc"]
        case "AgentRuntime":
            pure.union(adapters).union(["Compression", "Cryptography", "CLinux", "Glibc", "Synchronization", "Logging"])
        case "lanyard":
            [
                "AgentRuntime", "ControlAPI", "SyncModel", "ArgumentParser", "Logging", "FoundationEssentials",
                "Glibc", "Synchronization",
            ]
        default: nil
        }
    }

    static func check(_ file: SourceFile) -> [Finding] {
        guard let module = file.module else { return [] }
        guard let allowed = allowed(module) else {
            return [file.finding(1, "the layer table doesn't name the module \(module)")]
        }
        return file.code.enumerated().compactMap { index, line in
            let words = Words.split(line)
            guard let keyword = words.firstIndex(of: "import"), keyword <= 2, keyword + 1 < words.count,
                words[..<keyword].allSatisfy({
                    ["public", "package", "internal", "private", "fileprivate"].contains($0)
                })
            else { return nil }
            let imported = words[keyword + 1]
            return allowed.contains(imported) ? nil : file.finding(index + 1, "\(module) may not import \(imported)")
        }
    }
}
