import SyncModel
import Testing

@Suite struct RelativePathTests {
    @Test(arguments: [
        ("", RelativePath.Refusal.empty), ("/a", .emptyComponent), ("a/", .emptyComponent), ("a//b", .emptyComponent),
        (".", .dotComponent), ("a/..", .dotComponent), ("../a", .dotComponent), ("a/./b", .dotComponent),
        ("a\0b", .containsNUL), (".lanyard", .reserved), (".lanyard/stage", .reserved),
    ])
    func hostilePathsAreRefused(text: String, refusal: RelativePath.Refusal) {
        #expect(throws: refusal) { try RelativePath(text) }
    }

    @Test func overlongPathsAreRefused() {
        #expect(throws: RelativePath.Refusal.componentTooLong(bytes: 256)) {
            try RelativePath(String(repeating: "x", count: 256))
        }
        let deep = Array(repeating: "abcdefg", count: 600).joined(separator: "/")
        #expect(throws: RelativePath.Refusal.tooLong(bytes: deep.utf8.count)) { try RelativePath(deep) }
        let steps = Array(repeating: "x", count: 1_025).joined(separator: "/")
        #expect(throws: RelativePath.Refusal.tooDeep(components: 1_025)) { try RelativePath(steps) }
    }

    @Test(arguments: ["a", "...", "..a", "a/.lanyard", ".lanyardignore", "-", "ä/ö", "a b\nc"])
    func ordinaryPathsAreTaken(text: String) throws {
        #expect(try RelativePath(text).description == text)
    }

    /// A path keeps its bytes, not the buffer that they were put together in.
    @Test func aPathKeepsNoBuffer() throws {
        var buffer: [UInt8] = []
        buffer.reserveCapacity(4_096)
        buffer += Array("a/b".utf8)
        #expect(try RelativePath(buffer).bytes.capacity < 64)
        #expect(try RelativePath(buffer[...]).bytes.capacity < 64)
    }

    @Test func orderIsThatOfAWalkAndOfSortKeys() throws {
        let texts = ["a", "a/b", "a/b/c", "a/b.c", "a.b", "a.b/c", "b", "a/", "A", "a\u{1}"].filter {
            !$0.hasSuffix("/")
        }
        let paths = try texts.map { try RelativePath($0) }
        for left in paths {
            for right in paths {
                #expect((left < right) == left.sortKey.lexicographicallyPrecedes(right.sortKey))
            }
            #expect(try RelativePath(sortKey: left.sortKey) == left)
        }
        #expect(
            paths.sorted().map(\.description) == ["A", "a", "a/b", "a/b/c", "a/b.c", "a\u{1}", "a.b", "a.b/c", "b"])
    }

    @Test func partsAndRebasing() throws {
        let path = try RelativePath("a/b/c.txt")
        #expect(path.parent?.description == "a/b")
        #expect(Array(path.name) == Array("c.txt".utf8))
        #expect(path.depth == 3)
        let directory = try RelativePath("a")
        #expect(!path.isBelow(path))
        #expect(path.isBelow(directory))
        #expect(try !path.isBelow(RelativePath("a/b/c")))
        #expect(try path.rebased(from: RelativePath("a/b"), to: RelativePath("x"))?.description == "x/c.txt")
        #expect(try path.rebased(from: RelativePath("q"), to: RelativePath("x")) == nil)
    }
}
