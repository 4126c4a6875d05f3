import CLinux
import Glibc
import SyncModel

@testable import LocalFileSystem

/// One action on an entry of the directory `p`, which holds the file `f`, the link `l`, the empty directory `e` and the
/// directory `d` with a file in it.
enum ParentCase: String, CaseIterable {
    case createDirectory, placeFile, placeLink, replace, replaceByLink, setMetadata, delete, deleteLink, deleteDirectory
    case moveOut, moveIn, moveWithin, moveDirectory

    static let parent = "p"

    static func prepare(_ fixture: FolderFixture) throws {
        try fixture.write("p/f", "old")
        try fixture.write("p/d/x", "inside")
        try fixture.write("top", "other")
        try fixture.directory.link(fixture.own("p/l"), to: "old")
        try fixture.directory.makeDirectory(fixture.own("p/e"))
    }

    var path: String {
        switch self {
        case .createDirectory, .placeFile, .placeLink: "p/n"
        case .replace, .replaceByLink, .setMetadata, .delete, .moveOut, .moveWithin: "p/f"
        case .deleteLink: "p/l"
        case .deleteDirectory: "p/e"
        case .moveIn: "top"
        case .moveDirectory: "p/d"
        }
    }

    private var action: ApplyAction {
        get throws {
            let metadata = EntryMetadata(modified: Timestamp(seconds: 5, nanoseconds: 6), mode: FileMode(0o640))
            let source = ContentSource.inline(handle: 1, ApplyCase.content(ApplyCase.inlineText))
            return switch self {
            case .createDirectory: .createDirectory(EntryMetadata(mode: FileMode(0o700)))
            case .placeFile, .replace: .placeFile(source, metadata)
            case .placeLink, .replaceByLink: .placeSymlink(target: Array("new".utf8), EntryMetadata())
            case .setMetadata: .setMetadata(metadata)
            case .delete, .deleteLink, .deleteDirectory: .delete
            case .moveOut: .move(to: try RelativePath("top2"), metadata)
            case .moveIn, .moveWithin: .move(to: try RelativePath("p/t"), metadata)
            case .moveDirectory: .move(to: try RelativePath("p/e2"), EntryMetadata())
            }
        }
    }

    func step(_ fixture: FolderFixture) throws -> ApplyStep {
        let path = try RelativePath(path)
        let state = try fixture.folder.root.entry(at: path)?.state
        return ApplyStep(path: path, expected: state.map { .entry($0) } ?? .absent, action: try action)
    }

    /// The points that the step passes when nothing is in its way.
    func points(_ variant: FeatureVariant) throws -> [ApplyPoint] {
        let fixture = try FolderFixture(variant)
        try ParentCase.prepare(fixture)
        return try fixture.points(of: try step(fixture))
    }
}

/// A directory beside the folder, to which nothing may be done.
struct Outside: Equatable {
    private let full: String
    private var entries: [String: String] = [:]
    private var states: [String: DiskState] = [:]

    /// Makes it, with entries of the names that the folder's directory has.
    static func make(_ fixture: FolderFixture, _ name: String) throws -> Outside {
        for entry in ["f", "d/x", "n0"] { try fixture.directory.write("\(name)/\(entry)", "outside \(entry)") }
        try fixture.directory.link("\(name)/l", to: "outside")
        try fixture.directory.makeDirectory("\(name)/e")
        return try Outside(fixture.directory.path + "/" + name)
    }

    private init(_ full: String) throws {
        self.full = full
        let root = try FolderRoot(opening: full)
        for (path, state) in try NaiveTree.states(of: root) {
            entries[path.description] = FolderFixture.text(state.kind, full + "/" + path.description)
            states[path.description] = state
        }
    }

    func now() throws -> Outside { try Outside(full) }

    /// Puts a link to it in the place of a directory, which goes to another name.
    func takePlace(of directory: String) -> Bool {
        rename(directory, directory + ".away") == 0 && symlink(full, directory) == 0
    }
}
