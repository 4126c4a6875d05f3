import ModelFolder
import SimulatedFolder
import SyncModel
import Testing

/// What people do at one or two devices while the others hear of it, or don't: named cases, each with several seeds.
@Suite struct ScenarioTests {
    @Test(arguments: Scenario.all, 0..<12 as Range<UInt64>)
    func devicesAgree(scenario: Scenario, seed: UInt64) {
        var world = SimulatedWorld(seed: seed, count: scenario.count)
        world.startAll()
        if scenario.isJoinedFirst { world.connectAll() }
        world.edit(0) { disk, _ in scenario.before(&disk) }
        world.settle()
        for first in 0..<scenario.count { for second in 0..<first { world.disconnect(first, second) } }
        world.edit(0) { disk, _ in scenario.first(&disk) }
        world.edit(1) { disk, _ in scenario.second(&disk) }
        if seed.isMultiple(of: 2) { world.settle() }
        for (first, second) in scenario.links { world.connect(first, second) }
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "\(scenario) seed \(seed)")
        #expect(world.copies.count == scenario.copies, "\(scenario) seed \(seed): \(world.copies)")
        let there = Set(world.devices[0].disk.entries.keys.map(\.description))
        #expect(scenario.there.subtracting(there).isEmpty, "\(scenario) seed \(seed): \(there.sorted())")
        for content in scenario.once {
            let places = world.devices[0].disk.entries.values.filter { $0.content == content }
            #expect(places.count == 1, "\(scenario) seed \(seed): \(there.sorted())")
        }
        #expect(scenario.gone.isDisjoint(with: there), "\(scenario) seed \(seed): \(there.sorted())")
    }
}

/// A case: what all hold before, what two devices then do apart, and what everyone holds in the end.
struct Scenario: Sendable, CustomTestStringConvertible {
    typealias Change = @Sendable (inout ModelDisk) -> Void

    var name: String
    var count = 2
    var isJoinedFirst = true
    var links: [(Int, Int)] = [(0, 1)]
    var before: Change = { _ in }
    var first: Change = { _ in }
    var second: Change = { _ in }
    var copies = 0
    var there: Set<String> = []
    var gone: Set<String> = []
    /// Contents that stand at one place, wherever that is.
    var once: [Content] = []

    var testDescription: String { name }

    private static func put(_ content: Content, _ path: String) -> Change { { $0.put(content, at: samplePath(path)) } }
    private static func remove(_ path: String) -> Change { { $0.remove(samplePath(path)) } }
    private static func rename(_ path: String, _ target: String) -> Change {
        { $0.rename(samplePath(path), to: samplePath(target)) }
    }

    /// A small tree: files small, large and empty, a link, an empty directory.
    private static let tree: Change = { disk in
        disk.put(simulatedFile(1), at: samplePath("d/small"))
        disk.put(simulatedFile(3), at: samplePath("d/large"))
        disk.put(simulatedFile(0), at: samplePath("d/empty"))
        disk.put(.symlink(target: [65]), at: samplePath("link"))
        disk.put(.directory, at: samplePath("nothing"))
    }

    static let all: [Scenario] = [
        Scenario(name: "a tree", first: tree, there: ["d/small", "d/large", "d/empty", "link", "nothing"]),
        Scenario(
            name: "two trees meet", isJoinedFirst: false, before: tree, second: put(simulatedFile(5), "e/f"),
            there: ["d/large", "e/f"]),
        Scenario(name: "edit", before: tree, first: put(simulatedFile(9), "d/small")),
        Scenario(name: "mode", before: tree, first: { $0.change(samplePath("d/small"), mode: 0o600) }),
        Scenario(
            name: "touch", before: tree,
            first: { disk in
                disk.change(samplePath("d/large"), modified: Timestamp(seconds: 5, nanoseconds: 0))
            }),
        Scenario(name: "delete a directory", before: tree, first: remove("d"), gone: ["d", "d/small"]),
        Scenario(
            name: "rename", before: tree, first: rename("d/small", "d/other"), there: ["d/other"], gone: ["d/small"]),
        Scenario(
            name: "edit and edit", before: tree, first: put(simulatedFile(8), "d/small"),
            second: put(simulatedFile(9), "d/small"), copies: 1),
        Scenario(
            name: "large edit and edit", before: tree, first: put(simulatedFile(10), "d/large"),
            second: put(simulatedFile(17), "d/large"), copies: 1),
        Scenario(
            name: "the same edit", before: tree, first: put(simulatedFile(8), "d/small"),
            second: put(simulatedFile(8), "d/small")),
        Scenario(
            name: "edit and delete", before: tree, first: put(simulatedFile(8), "d/small"),
            second: remove("d/small"), there: ["d/small"]),
        Scenario(
            name: "edit and rename", before: tree, first: put(simulatedFile(8), "d/small"),
            second: rename("d/small", "d/other"), there: ["d/other"], gone: ["d/small"]),
        Scenario(
            name: "rename a directory and add in it", before: tree, first: rename("d", "e"),
            second: put(simulatedFile(8), "d/new"), there: ["e/small", "e/large"], once: [simulatedFile(8)]),
        Scenario(
            name: "rename a directory and add a large file in it", before: tree, first: rename("d", "e"),
            second: put(simulatedFile(10), "d/n/new"), there: ["e/small"], once: [simulatedFile(10)]),
        Scenario(
            name: "rename a directory twice and add in it", count: 4, links: [(0, 1), (1, 2), (0, 3)], before: tree,
            first: { disk in
                disk.rename(samplePath("d"), to: samplePath("e"))
                disk.rename(samplePath("e"), to: samplePath("nothing/f"))
            }, second: put(simulatedFile(10), "d/new"), there: ["nothing/f/large"], gone: ["e"],
            once: [simulatedFile(10)]),
        Scenario(
            name: "rename a directory, make it anew and add in it", before: tree,
            first: { disk in
                disk.rename(samplePath("d"), to: samplePath("e"))
                disk.put(simulatedFile(9), at: samplePath("d/other"))
            }, second: put(simulatedFile(8), "d/new"), there: ["e/small", "d/other", "d/new"],
            once: [simulatedFile(8), simulatedFile(9)]),
        Scenario(
            name: "delete a directory and add in it", before: tree, first: remove("d"),
            second: put(simulatedFile(8), "d/new"), there: ["d/new"], gone: ["d/small"]),
        Scenario(
            name: "file and directory", first: put(simulatedFile(8), "x"),
            second: put(simulatedFile(9), "x/y"), copies: 1, there: ["x/y"]),
        Scenario(
            name: "a chain", count: 3, links: [(0, 1), (1, 2)], before: tree, first: put(simulatedFile(8), "d/small"),
            second: put(simulatedFile(9), "d/large")),
        Scenario(
            name: "a ring", count: 4, links: [(0, 1), (1, 2), (2, 3), (0, 3)], before: tree, first: remove("d/small"),
            second: put(simulatedFile(9), "d/new"), there: ["d/new"], gone: ["d/small"]),
        Scenario(
            name: "a star of five", count: 5, links: [(0, 1), (0, 2), (0, 3), (0, 4)], before: tree,
            first: put(simulatedFile(8), "d/small"), second: put(simulatedFile(9), "d/small"), copies: 1),
    ]
}
