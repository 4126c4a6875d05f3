import ControlAPI
import FakeAgent
import Foundation
import Testing

@testable import lanyard

struct AbsolutePathTests {
    /// `dir` and `dir/file` exist, `link` leads to `dir`, `dangling` to nothing.
    private static let rows: [(word: String, resolved: String, entry: String)] = [
        ("dir", "dir", "dir"),
        ("dir/", "dir", "dir"),
        ("dir//./file", "dir/file", "dir/file"),
        ("dir/../dir/file", "dir/file", "dir/file"),
        ("link", "dir", "link"),
        ("link/", "dir", "link"),
        ("link/.", "dir", "dir"),
        ("link/file", "dir/file", "dir/file"),
        ("link/../dir", "dir", "dir"),
        ("dangling", "dangling", "dangling"),
        ("new", "new", "new"),
        ("link/new/deep", "dir/new/deep", "dir/new/deep"),
        ("new/../other", "other", "other"),
    ]

    @Test(arguments: rows)
    func linksAboveAreResolved(row: (word: String, resolved: String, entry: String)) throws {
        let directory = try TestDirectory()
        let files = FileManager.default
        let root = directory.path
        try files.createDirectory(atPath: root + "/dir", withIntermediateDirectories: false)
        _ = files.createFile(atPath: root + "/dir/file", contents: nil)
        try files.createSymbolicLink(atPath: root + "/link", withDestinationPath: "dir")
        try files.createSymbolicLink(atPath: root + "/dangling", withDestinationPath: "nothing")
        let path = LocalPath(bytes: "\(root)/\(row.word)".utf8)
        #expect(try AbsolutePath.resolving(path).text == "\(root)/\(row.resolved)")
        #expect(try AbsolutePath.entry(path).text == "\(root)/\(row.entry)")
    }

    @Test func theRootAndTheEmptyPath() throws {
        #expect(try AbsolutePath.resolving(LocalPath(bytes: "/".utf8)).text == "/")
        #expect(try AbsolutePath.entry(LocalPath(bytes: "//".utf8)).text == "/")
        #expect(try AbsolutePath.resolving(LocalPath(bytes: "/nowhere/../..".utf8)).text == "/")
        #expect(throws: ControlError.self) { try AbsolutePath.resolving(LocalPath(bytes: [])) }
    }
}
