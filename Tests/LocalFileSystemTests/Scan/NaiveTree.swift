import Glibc
import SyncModel

@testable import LocalFileSystem

/// The simplest listing of a folder that is sure to be right: recursive, everything in memory.
enum NaiveTree {
    static func states(of root: FolderRoot) throws -> [RelativePath: DiskState] {
        var states: [RelativePath: DiskState] = [:]
        try add(root, nil, &states)
        return states
    }

    private static func add(
        _ root: FolderRoot, _ directory: RelativePath?, _ states: inout [RelativePath: DiskState]
    ) throws {
        guard let stream = opendir(root.path + "/" + (directory?.description ?? "")) else { return }
        defer { closedir(stream) }
        while let record = readdir(stream) {
            let name = withUnsafePointer(to: &record.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != "..", directory != nil || name != ".lanyard" else { continue }
            let path = try directory?.appending(name.utf8) ?? RelativePath(name)
            guard let found = try root.entry(at: path) else { continue }
            states[path] = found.state
            if found.state.kind == .directory { try add(root, path, &states) }
        }
    }

    /// What an index that read everything would know.
    static func known(_ states: [RelativePath: DiskState]) -> [KnownEntry] {
        states.sorted { $0.key < $1.key }.map { KnownEntry(path: $0.key, kind: $0.value.kind, disk: $0.value) }
    }
}

/// A walk with everything in memory.
struct WalkResult {
    var differences: [WalkDifference] = []
    var summary = WalkSummary()

    init(_ walk: TreeWalk, known: [KnownEntry]) {
        var rest = known[...]
        var all: [WalkDifference] = []
        summary = walk.run(
            known: { rest.popFirst() },
            batch: {
                all += $0; return true
            })
        differences = all
    }

    /// Paths of the problems.
    var problems: [String: Problem.Kind] {
        var kinds: [String: Problem.Kind] = [:]
        for case .problem(let problem) in differences { kinds[problem.path?.description ?? ""] = problem.kind }
        return kinds
    }

    var changed: [String] {
        differences.compactMap { if case .changed(let path) = $0 { path.description } else { nil } }
    }

    var gone: [String] { differences.compactMap { if case .gone(let path) = $0 { path.description } else { nil } } }
}
