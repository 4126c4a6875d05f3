import ModelFolder
import SyncCore
import SyncModel
import Testing

/// A new child of a directory that another device renamed meanwhile goes where the directory went (rule 6), in whatever
/// order three devices hear of it.
@Suite struct FollowingTests {
    @Test(arguments: FollowingCase.all, 0..<24 as Range<UInt64>)
    func devicesAgree(example: FollowingCase, seed: UInt64) {
        var world = Devices(seed: seed, count: 3)
        for (index, file) in ["d/x", "d/s/y", "g/z"].enumerated() {
            world.devices[0].disk.put(sampleFile(UInt64(index + 1)), at: samplePath(file))
        }
        world.settle()
        for (device, change) in example.changes {
            change(&world.devices[device].disk)
            world.devices[device].observe()
            if !example.isApart { world.gossip(4) }
        }
        world.gossip(30)
        world.settle()
        world.check()
        #expect(world.failures.isEmpty, "\(example) seed \(seed)")
        let live = world.devices[0].rows.values.map(\.record).filter { !$0.isDeleted }
        let files = live.filter { $0.conflictOf == nil && !$0.content.isDirectory }
        let tree = Dictionary(files.map { ($0.path.description, $0.content) }) { first, _ in first }
        #expect(Set(tree.values).count == tree.count, "\(example) seed \(seed): \(tree.keys.sorted())")
        #expect(example.isTree(tree), "\(example) seed \(seed): \(tree.keys.sorted())")
        let copies = live.filter { $0.conflictOf != nil }
        #expect(copies.count == example.copies, "\(example) seed \(seed): \(copies.map(\.path))")
        #expect(copies.allSatisfy { live.map(\.path).contains($0.conflictOf ?? $0.path) })
        let directories = Set(live.filter { $0.content.isDirectory }.map(\.path.description))
        #expect(directories.isDisjoint(with: example.gone), "\(example) seed \(seed): \(directories.sorted())")
    }

    /// However many steps there are, everyone ends with the same history.
    @Test func whoHearsOfOneMoveAfterTheOtherMakesTheSameRecords() {
        var world = Devices(seed: 1, count: 3)
        world.devices[0].disk.put(sampleFile(1), at: samplePath("d/x"))
        world.settle()
        world.devices[1].disk.put(sampleFile(2), at: samplePath("d/new"))
        world.devices[1].observe()
        world.devices[0].disk.rename(samplePath("d"), to: samplePath("e"))
        world.devices[0].observe()
        world.exchange(from: 0, to: 2, limit: .max)
        world.exchange(from: 1, to: 2, limit: .max)
        while world.devices[2].needs[samplePath("d/new")] != nil || world.devices[2].rows[samplePath("e/new")] == nil {
            _ = world.devices[2].wave(&world.user, percent: 100)
        }
        world.devices[0].disk.rename(samplePath("e"), to: samplePath("f"))
        world.devices[0].observe()
        world.exchange(from: 0, to: 1, limit: .max)
        while world.devices[1].rows[samplePath("f/new")] == nil {
            _ = world.devices[1].wave(&world.user, percent: 100)
        }
        let known = world.devices[1].rows[samplePath("f/new")]?.record
        let counters = world.devices.map(\.context.counter)
        world.settle()
        world.check()
        #expect(world.failures.isEmpty)
        #expect(world.devices.map(\.context.counter) == counters)
        #expect(world.devices.allSatisfy { $0.rows[samplePath("f/new")]?.record.agreed == known?.agreed })
        #expect(
            known?.movedFrom
                == MoveSource(path: samplePath("d/new"), origin: Origin(author: sampleAuthor(1), counter: 1)))
        #expect(known?.version.entries.count == 1 && known?.origin.author.device == sampleDevice(1))
    }
}

/// What devices do to `d/x`, `d/s/y` and `g/z` (files 1 to 3), and what all of them hold in the end.
struct FollowingCase: Sendable, CustomTestStringConvertible {
    typealias Change = @Sendable (inout ModelDisk) -> Void

    var name: String
    /// Whether nobody hears of anything before all is done.
    var isApart = true
    var changes: [(Int, Change)]
    /// Any one of them; where there is none, only the contents count.
    var trees: [[String: Content]] = []
    var contents: [UInt64] = []
    var copies = 0
    /// Directories that are not there.
    var gone: Set<String> = ["d", "d/s"]

    var testDescription: String { name }

    func isTree(_ tree: [String: Content]) -> Bool {
        trees.isEmpty ? Set(tree.values) == Set(contents.map(sampleFile)) : trees.contains(tree)
    }

    private static func put(_ number: UInt64, _ path: String) -> Change {
        { $0.put(sampleFile(number), at: samplePath(path)) }
    }
    private static func rename(_ path: String, _ target: String) -> Change {
        { $0.rename(samplePath(path), to: samplePath(target)) }
    }
    /// Where the file is by now.
    private static func edit(_ number: UInt64) -> Change {
        { put(number, $0[samplePath("d/new")] == nil ? "e/new" : "d/new")(&$0) }
    }
    private static func remove(_ path: String) -> Change { { $0.remove(samplePath(path)) } }

    /// `d` as it was, under another name, and `g`.
    private static func tree(_ place: String, _ more: [String: UInt64]) -> [String: Content] {
        var tree = ["\(place)/x": sampleFile(1), "\(place)/s/y": sampleFile(2), "g/z": sampleFile(3)]
        for (path, number) in more { tree[path] = sampleFile(number) }
        return tree
    }

    private static let link: Content = .symlink(target: [UInt8(ascii: "x")])

    static let all: [FollowingCase] = [
        FollowingCase(
            name: "a file", changes: [(0, rename("d", "e")), (1, put(9, "d/new"))], trees: [tree("e", ["e/new": 9])]),
        FollowingCase(
            name: "a link", changes: [(0, rename("d", "e")), (1, { $0.put(link, at: samplePath("d/new")) })],
            trees: [tree("e", [:]).merging(["e/new": link]) { $1 }]),
        FollowingCase(
            name: "below it", changes: [(0, rename("d", "e")), (1, put(9, "d/s/new"))],
            trees: [tree("e", ["e/s/new": 9])], gone: ["d", "d/s", "e/d"]),
        FollowingCase(
            name: "a tree",
            changes: [
                (0, rename("d", "e")),
                (
                    1,
                    { disk in
                        for number in 10..<18 as Range<UInt64> { put(number, "d/n/\(number % 3)/\(number)")(&disk) }
                    }
                ),
            ],
            trees: [
                tree("e", Dictionary(uniqueKeysWithValues: (10..<18).map { ("e/n/\($0 % 3)/\($0)", UInt64($0)) }))
            ], gone: ["d", "d/n", "d/n/0"]),
        FollowingCase(
            name: "edited again and again",
            changes: [(0, rename("d", "e")), (1, put(9, "d/new")), (1, put(10, "d/new")), (1, put(11, "d/new"))],
            trees: [tree("e", ["e/new": 11])]),
        FollowingCase(
            name: "into another directory", changes: [(0, rename("d", "g/d")), (1, put(9, "d/new"))],
            trees: [tree("g/d", ["g/d/new": 9])]),
        FollowingCase(
            name: "a chain of moves",
            changes: [
                (0, rename("d", "e")), (1, put(9, "d/new")), (0, rename("e", "f")), (0, rename("f", "h")),
            ], trees: [tree("h", ["h/new": 9])], gone: ["d", "e", "f"]),
        FollowingCase(
            name: "where it went was moved by another",
            changes: [
                (0, rename("d", "g/d")), (1, put(9, "d/new")), (2, rename("g", "k")),
            ],
            trees: [
                ["k/d/x": sampleFile(1), "k/d/s/y": sampleFile(2), "k/z": sampleFile(3), "k/d/new": sampleFile(9)]
            ],
            gone: ["d", "g", "g/d"]),
        FollowingCase(
            name: "what is in it was moved out before",
            changes: [(0, rename("d/s", "t")), (0, rename("d", "e")), (1, put(9, "d/s/new")), (1, put(10, "d/new"))],
            trees: [
                [
                    "e/x": sampleFile(1), "t/y": sampleFile(2), "g/z": sampleFile(3), "t/new": sampleFile(9),
                    "e/new": sampleFile(10),
                ]
            ], gone: ["d", "d/s", "e/s"]),
        FollowingCase(
            name: "two children of one name",
            changes: [(0, rename("d", "e")), (1, put(9, "d/new")), (2, put(10, "d/new"))],
            trees: [tree("e", ["e/new": 9]), tree("e", ["e/new": 10])], copies: 1),
        FollowingCase(
            name: "the name is taken", changes: [(0, rename("d", "e")), (0, put(10, "e/new")), (1, put(9, "d/new"))],
            trees: [tree("e", ["e/new": 9]), tree("e", ["e/new": 10])], copies: 1),
        FollowingCase(
            name: "one of the same name was renamed along",
            changes: [(0, put(10, "d/new")), (1, put(9, "d/new")), (0, rename("d", "e"))],
            trees: [tree("e", ["e/new": 9]), tree("e", ["e/new": 10])], copies: 1),
        FollowingCase(
            name: "the same content stands there",
            changes: [
                (0, rename("d", "e")), (0, put(9, "e/new")), (1, put(9, "d/new")),
            ], trees: [tree("e", ["e/new": 9])]),
        FollowingCase(
            name: "where it went is deleted", changes: [(0, rename("d", "e")), (0, remove("e")), (1, put(9, "d/new"))],
            trees: [["g/z": sampleFile(3), "d/new": sampleFile(9)]], gone: ["e", "d/s"]),
        FollowingCase(
            name: "where it went is a file",
            changes: [(0, rename("d", "e")), (0, remove("e")), (0, put(10, "e")), (1, put(9, "d/new"))],
            trees: [["g/z": sampleFile(3), "d/new": sampleFile(9), "e": sampleFile(10)]], gone: ["e", "d/s"]),
        FollowingCase(
            name: "it is there again",
            changes: [(0, rename("d", "e")), (0, put(10, "d/other")), (1, put(9, "d/new"))],
            trees: [tree("e", ["d/other": 10, "d/new": 9])], gone: ["d/s"]),
        FollowingCase(
            name: "there and back", changes: [(0, rename("d", "e")), (1, put(9, "d/new")), (0, rename("e", "d"))],
            trees: [tree("d", ["d/new": 9])], gone: ["e"]),
        FollowingCase(
            name: "two moves of one directory",
            changes: [(0, rename("d", "e")), (1, rename("d", "f")), (2, put(9, "d/new"))],
            trees: [tree("e", ["e/new": 9]), tree("f", ["f/new": 9])]),
        FollowingCase(
            name: "a cycle",
            changes: [(0, rename("d", "g/d")), (1, rename("g", "d/g")), (2, put(9, "d/new")), (2, put(10, "g/new"))],
            contents: [1, 2, 3, 9, 10], gone: []),
        FollowingCase(
            name: "edited after it went along", isApart: false,
            changes: [
                (0, rename("d", "e")), (1, put(9, "d/new")), (1, edit(10)), (1, edit(11)), (1, edit(12)),
            ], contents: [1, 2, 3, 12], gone: []),
    ]
}

extension Devices {
    /// So many random events without users: someone reads another's log, or a wave comes by.
    mutating func gossip(_ events: Int) {
        for _ in 0..<events {
            let (from, to) = (user.number(devices.count), user.number(devices.count))
            if user.chance(60) {
                exchange(from: from, to: to, limit: .max)
            } else {
                _ = devices[to].wave(&user, percent: 60)
            }
        }
    }
}
