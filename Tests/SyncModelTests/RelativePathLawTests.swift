import SeededRandom
import SyncModel
import Testing

/// The laws of paths, on many random ones. Their bytes are few, so that equal beginnings and near misses are frequent.
@Suite struct RelativePathLawTests {
    private static let names: [[UInt8]] = [
        [0x61], [0x61, 0x61], [0x61, 0x01], [0x61, 0x2e], [0x61, 0xff], [0x01], [0x2e, 0x2e, 0x2e], [0x62],
        [0xc3, 0x28],
        Array(".lanyard2".utf8), Array("-".utf8), [0x20], [0x0a], [0x61, 0x30],
    ]

    static func path(_ generator: inout SeededGenerator) throws -> RelativePath {
        let depth = Int.random(in: 1...4, using: &generator)
        let names = (0..<depth).map { _ in Self.names.randomElement(using: &generator) ?? [0x61] }
        return try RelativePath(Array(names.joined(separator: [UInt8(ascii: "/")])))
    }

    static func paths(_ count: Int, seed: UInt64) throws -> [RelativePath] {
        var generator = SeededGenerator(seed: seed)
        return try (0..<count).map { _ in try path(&generator) }
    }

    @Test func theOrderIsTotal() throws {
        let paths = try Self.paths(90, seed: 1)
        for left in paths {
            for right in paths {
                let relations = [left < right, left == right, right < left]
                #expect(relations.filter(\.self).count == 1, "\(left.bytes) \(right.bytes)")
                for third in paths where left < right && right < third { #expect(left < third) }
            }
        }
    }

    /// Component by component, by their bytes: the order that two walks side by side rely on.
    @Test func theOrderIsThatOfTheComponents() throws {
        let paths = try Self.paths(300, seed: 2)
        for (left, right) in zip(paths, paths.dropFirst()) {
            let components = (left.components, right.components)
            let expected = components.0.lexicographicallyPrecedes(components.1) { $0.lexicographicallyPrecedes($1) }
            #expect((left < right) == expected, "\(left.bytes) \(right.bytes)")
        }
    }

    @Test func sortKeysComeBackAndOrderAlike() throws {
        let paths = try Self.paths(2_000, seed: 3)
        for (left, right) in zip(paths, paths.dropFirst()) {
            #expect(try RelativePath(sortKey: left.sortKey) == left)
            #expect((left < right) == left.sortKey.lexicographicallyPrecedes(right.sortKey))
            #expect((left == right) == (left.sortKey == right.sortKey))
        }
    }

    /// A directory stands right before what is below it, and nothing else stands between.
    @Test func aSubtreeIsOnePiece() throws {
        let paths = Set(try Self.paths(600, seed: 4)).sorted()
        for (index, directory) in paths.enumerated() {
            let below = paths.indices.filter { paths[$0].isBelow(directory) }
            #expect(below == Array((index + 1)..<(index + 1 + below.count)), "\(directory.bytes)")
        }
    }

    @Test func partsMakeTheWhole() throws {
        for path in try Self.paths(1_000, seed: 5) {
            #expect(path.depth == path.components.count)
            #expect(path.components.last.map { Array($0) } == Array(path.name))
            #expect(try path.replacingName(with: path.name) == path)
            guard let parent = path.parent else {
                #expect(path.depth == 1)
                continue
            }
            #expect(try parent.appending(path.name) == path)
            #expect(parent.depth == path.depth - 1)
            #expect(path.isBelow(parent) && !parent.isBelow(path) && parent < path)
        }
    }

    @Test func rebasingGoesThereAndBack() throws {
        let (paths, others) = (try Self.paths(500, seed: 6), try Self.paths(500, seed: 7))
        for (path, target) in zip(paths, others) {
            var above: [RelativePath] = [path]
            while let parent = above.last?.parent { above.append(parent) }
            for source in above {
                let moved = try #require(try path.rebased(from: source, to: target))
                #expect(moved == target || moved.isBelow(target))
                #expect(try moved.rebased(from: target, to: source) == path)
            }
            let stranger = try RelativePath("stranger")
            #expect(try path.rebased(from: stranger, to: target) == nil)
        }
    }

    @Test func aNearlyEqualNameIsNotAbove() throws {
        for (path, directory) in [("ab/c", "a"), ("a", "a"), ("a", "a/b"), ("a.b", "a"), ("b/a", "a")] {
            #expect(try !RelativePath(path).isBelow(RelativePath(directory)), "\(path) below \(directory)")
        }
    }

    /// Bytes of any kind are refused, or taken as they are; what is taken resolves to nothing outside.
    @Test func anyBytesAreJudgedByTheRules() throws {
        var generator = SeededGenerator(seed: 8)
        let alphabet: [UInt8] = [0x2e, 0x2f, 0x61, 0x00, 0x2e, 0x2f, 0x61, 0xff]
        var taken = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...8, using: &generator)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let isSound =
                !bytes.isEmpty && !bytes.contains(0)
                && !parts.contains { $0.isEmpty || $0.elementsEqual([0x2e]) || $0.elementsEqual([0x2e, 0x2e]) }
            let path = try? RelativePath(bytes)
            #expect((path != nil) == isSound, "\(bytes)")
            if let path {
                taken += 1
                #expect(path.bytes == bytes)
            }
        }
        #expect(taken > 200)
    }

    @Test func theBoundsThemselvesAreAllowed() throws {
        let name = String(repeating: "x", count: Limits.nameBytes)
        #expect(try RelativePath(name).depth == 1)
        let longest = String(repeating: name + "/", count: 15) + String(repeating: "y", count: 255)
        #expect(longest.utf8.count == Limits.pathBytes)
        let path = try RelativePath(longest)
        #expect(throws: RelativePath.Refusal.tooLong(bytes: Limits.pathBytes + 2)) { try path.appending([0x61]) }
        let deepest = Array(repeating: "x", count: Limits.pathComponents).joined(separator: "/")
        #expect(try RelativePath(deepest).depth == Limits.pathComponents)
        #expect(throws: RelativePath.Refusal.tooDeep(components: Limits.pathComponents + 1)) {
            try RelativePath(deepest).appending([0x78])
        }
    }

    @Test func namesThatAreNoneAreRefused() throws {
        let path = try RelativePath("a/b")
        for (name, refusal) in [
            ("", RelativePath.Refusal.emptyComponent), (".", .dotComponent), ("..", .dotComponent),
            ("c\0", .containsNUL), ("c/", .emptyComponent), ("../c", .dotComponent),
        ] {
            #expect(throws: refusal) { try path.appending(Array(name.utf8)) }
            #expect(throws: refusal) { try path.replacingName(with: Array(name.utf8)) }
        }
        #expect(throws: RelativePath.Refusal.reserved) {
            try RelativePath("a").replacingName(with: RelativePath.reservedName)
        }
        #expect(throws: RelativePath.Refusal.reserved) {
            try RelativePath("a/b").rebased(from: RelativePath("a"), to: RelativePath(".lanyard"))
        }
    }

    @Test(arguments: [([0x61, 0x2f, 0x62], RelativePath.Refusal.emptyComponent), ([], .empty), ([0], .emptyComponent)])
    func otherBytesAreNoSortKey(bytes: [UInt8], refusal: RelativePath.Refusal) {
        #expect(throws: refusal) { try RelativePath(sortKey: bytes) }
    }

    @Test func everyRefusalIsSaidInWords() {
        let refusals: [RelativePath.Refusal] = [
            .empty, .tooLong(bytes: 5_000), .tooDeep(components: 2_000), .componentTooLong(bytes: 300), .emptyComponent,
            .dotComponent, .containsNUL, .reserved,
        ]
        let texts = refusals.map(\.description)
        #expect(Set(texts).count == refusals.count)
        #expect(texts.allSatisfy { $0.contains(" ") })
        #expect(texts[1].contains("5000") && texts[2].contains("2000") && texts[3].contains("300"))
    }
}
