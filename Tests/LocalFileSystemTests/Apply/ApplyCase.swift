import Chunking
import SyncModel

@testable import LocalFileSystem

/// One action on one kind of entry, in a folder that holds `f`, `l` (a link), `d/x` and the empty `e`.
enum ApplyCase: String, CaseIterable {
    case createDirectory, adoptDirectory, placeInline, placeStaged, placeLink
    case replaceInline, replaceStaged, replaceByLink, replaceLink
    case setMetadata, setDirectoryMetadata, move, moveLink, moveDirectory, delete, deleteLink, deleteDirectory

    static let inlineText = "inline new"
    static let stagedText = "staged new"

    static func inline(_ handle: UInt64) -> [UInt8]? { handle == 1 ? Array(inlineText.utf8) : nil }

    static func content(_ text: String) -> FileContent { ChunkListBuilder.list(of: Array(text.utf8)).content }

    private static let inlineSource = ContentSource.inline(handle: 1, content(inlineText))
    private static let stagedSource = ContentSource.staged(content(stagedText))
    private static let metadata = EntryMetadata(
        modified: Timestamp(seconds: 1_000, nanoseconds: 123_456_789), mode: FileMode(0o640))

    static func prepare(_ fixture: FolderFixture) throws {
        try fixture.write("f", "old")
        try fixture.write("d/x", "inside")
        try fixture.directory.link(fixture.own("l"), to: "old")
        try fixture.directory.makeDirectory(fixture.own("e"))
        try fixture.stage.store(Array(stagedText.utf8), as: content(stagedText))
    }

    /// What the step is about.
    var path: String {
        switch self {
        case .createDirectory, .placeInline, .placeStaged, .placeLink: "n"
        case .adoptDirectory, .setDirectoryMetadata, .deleteDirectory: "e"
        case .replaceLink, .moveLink, .deleteLink: "l"
        case .moveDirectory: "d"
        case .replaceInline, .replaceStaged, .replaceByLink, .setMetadata, .move, .delete: "f"
        }
    }

    /// Where a move goes to.
    static let target = "d/t"
    private var target: String { self == .moveDirectory ? "t" : ApplyCase.target }

    var isMove: Bool { [.move, .moveLink, .moveDirectory].contains(self) }

    private var action: ApplyAction {
        get throws {
            switch self {
            case .createDirectory, .adoptDirectory: .createDirectory(EntryMetadata(mode: FileMode(0o750)))
            case .placeInline, .replaceInline, .replaceLink: .placeFile(ApplyCase.inlineSource, ApplyCase.metadata)
            case .placeStaged, .replaceStaged: .placeFile(ApplyCase.stagedSource, ApplyCase.metadata)
            case .placeLink, .replaceByLink: .placeSymlink(target: Array("new".utf8), EntryMetadata())
            case .setMetadata: .setMetadata(ApplyCase.metadata)
            case .setDirectoryMetadata: .setMetadata(EntryMetadata(mode: FileMode(0o700)))
            case .move: .move(to: try RelativePath(target), ApplyCase.metadata)
            case .moveLink, .moveDirectory: .move(to: try RelativePath(target), EntryMetadata())
            case .delete, .deleteLink, .deleteDirectory: .delete
            }
        }
    }

    func step(_ fixture: FolderFixture) throws -> ApplyStep {
        let path = try RelativePath(path)
        let state = try fixture.folder.root.entry(at: path)?.state
        return ApplyStep(path: path, expected: state.map { .entry($0) } ?? .absent, action: try action)
    }

    /// Every path that an intent names.
    var intents: [RelativePath] { [try? RelativePath(path), try? RelativePath(target)].compactMap { $0 } }

    /// The folder after the step.
    func result(_ before: [String: String]) -> [String: String] {
        var after = before
        switch self {
        case .createDirectory: after["n"] = "dir"
        case .placeInline, .replaceInline, .replaceLink: after[path] = "file " + ApplyCase.inlineText
        case .placeStaged, .replaceStaged: after[path] = "file " + ApplyCase.stagedText
        case .placeLink, .replaceByLink: after[path] = "link new"
        case .adoptDirectory, .setMetadata, .setDirectoryMetadata: break
        case .delete, .deleteLink, .deleteDirectory: after[path] = nil
        case .move, .moveLink: (after[path], after[target]) = (nil, before[path])
        case .moveDirectory: (after["d"], after["d/x"], after["t"], after["t/x"]) = (nil, nil, "dir", "file inside")
        }
        return after
    }

    /// What the step puts into history.
    func filed(_ before: [String: String]) -> [String] {
        switch self {
        case .replaceInline, .replaceStaged, .replaceByLink, .replaceLink, .delete, .deleteLink:
            [before[path]].compactMap { $0 }
        default: []
        }
    }
}
