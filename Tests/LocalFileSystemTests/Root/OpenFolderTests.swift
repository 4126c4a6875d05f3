import CLinux
import Glibc
import SyncModel
import Testing

@testable import LocalFileSystem

@Suite struct OpenFolderTests {
    let directory: TemporaryDirectory
    let folder = FolderID(high: 1, low: 1)

    init() throws { directory = try TemporaryDirectory() }

    private func code(_ body: () throws -> Void) -> FileSystemError.Code? {
        do { try body(); return nil } catch { return (error as? FileSystemError)?.code }
    }

    private func open(_ path: String, creating: Bool, as id: FolderID? = nil) throws -> OpenFolder {
        try OpenFolder(at: path, folder: id ?? folder, creating: creating)
    }

    @Test func oneAgentAtATime() throws {
        var first: OpenFolder? = try open(directory.path, creating: true)
        #expect(code { _ = try open(directory.path, creating: false) } == .locked)
        let identity = first?.identity
        first = nil
        var second: OpenFolder?
        // A child that another test starts holds the lock's descriptor until its exec.
        for _ in 0..<100_000 where second == nil { second = try? open(directory.path, creating: false) }
        #expect(second?.identity == identity && identity.map { $0.relation(to: $0) } == .same)
    }

    @Test func aFolderIsOnlyMadeWhenAsked() throws {
        #expect(code { _ = try open(directory.path, creating: false) } == .volumeChanged)
        #expect(!directory.exists(".lanyard"))
        let other = try TemporaryDirectory()
        try other.write(".lanyard/folder", Marker(folder: folder, volume: FolderVolumeID(1)).text)
        #expect(code { _ = try open(other.path, creating: true, as: FolderID(high: 2, low: 2)) } == .wrongMarker)
        try directory.write(".lanyard/folder", "nonsense")
        #expect(code { _ = try open(directory.path, creating: true) } == .wrongMarker)
    }

    @Test func foldersDoNotNest() throws {
        _ = try open(directory.path, creating: true)
        try directory.makeDirectory("a/b")
        #expect(code { _ = try open(directory.path + "/a/b", creating: true) } == .nestedFolder)
        #expect(try OpenFolder.enclosingFolder(ofPath: directory.path + "/a/b")?.folder == folder)
    }

    @Test func anotherDirectoryAtThePathIsNoticed() throws {
        try directory.makeDirectory("f")
        let opened = try open(directory.path + "/f", creating: true)
        try opened.verify()
        try directory.rename("f", "g")
        #expect(code { try opened.verify() } == .volumeChanged)
        try directory.makeDirectory("f")
        #expect(code { try opened.verify() } == .volumeChanged)
        #expect(Shell("rmdir '\(directory.path)/f'").wait() == 0)
        try directory.rename("g", "f")
        try opened.verify()
        unlink(directory.path + "/f/.lanyard/folder")
        #expect(code { try opened.verify() } == .volumeChanged)
    }

    @Test func aCopyIsTold() throws {
        try directory.makeDirectory("f")
        var opened: OpenFolder? = try open(directory.path + "/f", creating: true)
        let identity = try #require(opened?.identity)
        opened = nil
        #expect(Shell("cp -a '\(directory.path)/f' '\(directory.path)/copy'").wait() == 0)
        #expect(try open(directory.path + "/copy", creating: false).identity.relation(to: identity) == .copied)
        try directory.makeDirectory("new")
        #expect(try open(directory.path + "/new", creating: true).identity.relation(to: identity) == .other)
    }

    @Test func theProbeLeavesNothing() throws {
        let opened = try open(directory.path, creating: true)
        let features = try opened.probe()
        #expect(features.symlinks && features.nameBytes > 0 && features.timestampNanoseconds >= 1)
        #expect(try DirectoryListing.names(of: opened.stageDirectory.number).isEmpty)
    }
}

extension Marker {
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
