internal import ControlAPI
internal import Glibc
internal import LocalFileSystem
internal import SyncEngine
internal import SyncModel

/// Where a folder may be.
extension AgentService {
    /// Refuses what can't become a folder, before anything is stored: afterwards it would be a folder that never opens.
    func refuseUnfit(_ path: LocalPath) async throws(ControlError) {
        var status = stat()
        if stat(path.bytes.map { CChar(bitPattern: $0) } + [0], &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
            throw ControlError(.refused, "\(path) is no directory; name another place")
        }
        let home = Array(agent.home.path.utf8)
        if path.bytes == home || Self.lies(home, within: path.bytes) || Self.lies(path.bytes, within: home) {
            throw ControlError(
                .refused,
                """
                \(path) and the state of this agent, \(LocalPath(bytes: home)), lie one in the other: its private key \
                would be synced; name another directory, or another state directory with --home
                """)
        }
        try await refuseNested(path)
        try await refuseForeign(path)
    }

    /// Two folders in one place would undo each other's work (rule 14).
    private func refuseNested(_ path: LocalPath) async throws(ControlError) {
        for known in try await read({ $0.peers.folders }) {
            let place = "\(known.name) (\(LocalPath(bytes: known.path)))"
            if Self.lies(path.bytes, within: known.path) {
                throw ControlError(.refused, "\(path) lies in the folder \(place); share that one")
            }
            if Self.lies(known.path, within: path.bytes) {
                throw ControlError(
                    .refused, "the folder \(place) lies in \(path); remove it first, or name another directory")
            }
        }
    }

    private static func lies(_ path: [UInt8], within directory: [UInt8]) -> Bool {
        let slash = UInt8(ascii: "/")
        return path.count > directory.count && path.starts(with: directory)
            && (directory.last == slash || path[directory.count] == slash)
    }

    /// A directory that another home has as its folder, or this device had before it was renewed, is not taken
    /// silently: the other agent would lose it.
    private func refuseForeign(_ path: LocalPath) async throws(ControlError) {
        // What can't be read is reported by the opening.
        guard let marker = try? OpenFolder.marker(at: path.bytes) else { return }
        let known = try await read { $0.peers.folders }
        if known.contains(where: { $0.folder == marker.folder && $0.path == path.bytes }) { return }
        if let moved = known.first(where: { $0.folder == marker.folder }) {
            throw ControlError(
                .refused,
                "\(path) is the folder \(moved.name), moved from \(LocalPath(bytes: moved.path)): move it back there")
        }
        throw ControlError(
            .refused,
            """
            \(path) is a folder of another Lanyard home, or was one of this device before its identity was renewed. To \
            make it a new folder of this device, remove its marker and try again; its files and history stay: \
            rm '\(path)/.lanyard/folder'
            """)
    }
}
