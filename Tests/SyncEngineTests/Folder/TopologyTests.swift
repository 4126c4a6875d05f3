import ModelFolder
import SeededRandom
import SimulatedFolder
import SyncModel
import Testing

/// Three and five devices that are never all connected with each other, and links that come and go: everything arrives,
/// and nothing is a conflict that no two people made.
@Suite struct TopologyTests {
    /// How devices are connected.
    enum Shape: String, CaseIterable, Sendable {
        case chainOfThree, starOfThree, chainOfFive, starOfFive, ringOfFive, treeOfFive

        var count: Int { self == .chainOfThree || self == .starOfThree ? 3 : 5 }

        var links: [(Int, Int)] {
            switch self {
            case .chainOfThree, .chainOfFive: (1..<count).map { ($0 - 1, $0) }
            case .starOfThree, .starOfFive: (1..<count).map { (0, $0) }
            case .ringOfFive: (0..<count).map { ($0, ($0 + 1) % count) }
            case .treeOfFive: [(0, 1), (0, 2), (2, 3), (2, 4)]
            }
        }
    }

    /// Devices of a shape that hold the same twelve files, two of them in a directory.
    static func world(_ shape: Shape, _ seed: UInt64) -> SimulatedWorld {
        var world = SimulatedWorld(seed: seed, count: shape.count)
        world.startAll()
        join(&world, shape)
        world.edit(0) { disk, _ in
            for number in 0..<10 { disk.put(simulatedFile(UInt64(100 + number)), at: path(number)) }
            for number in 10..<12 { disk.put(simulatedFile(UInt64(100 + number)), at: samplePath("d/f\(number)")) }
        }
        world.settle()
        return world
    }

    static func path(_ number: Int) -> RelativePath { samplePath("f\(number)") }

    static func join(_ world: inout SimulatedWorld, _ shape: Shape) {
        for (first, second) in shape.links { world.connect(first, second) }
    }

    static func expectEqual(_ world: inout SimulatedWorld, _ comment: String, copies: Int = 0) {
        world.settle()
        if world.allFailures.isEmpty { world.checkQuiet() }
        #expect(world.allFailures.isEmpty, "\(comment): \(world.allFailures.prefix(3))")
        #expect(world.copies.count == copies, "\(comment): \(world.copies)")
    }

    /// Each device edits a file of its own, moves another and deletes a third, while single links are cut.
    @Test(arguments: Shape.allCases, 0..<2 as Range<UInt64>)
    func whatEachDidArrivesEverywhere(shape: Shape, seed: UInt64) {
        var world = Self.world(shape, seed)
        var random = SeededGenerator(seed: seed)
        for device in 0..<shape.count {
            world.edit(device) { disk, _ in
                disk.put(simulatedFile(UInt64(200 + device)), at: Self.path(device * 2))
                disk.rename(Self.path(device * 2 + 1), to: samplePath("d/moved\(device)"))
                disk.put(simulatedFile(UInt64(300 + device)), at: samplePath("new\(device)/x"))
            }
            for _ in 0..<Int.random(in: 0...60, using: &random) where world.step() {}
            let (first, second) = shape.links[Int.random(in: 0..<shape.links.count, using: &random)]
            world.disconnect(first, second)
            for _ in 0..<Int.random(in: 0...60, using: &random) where world.step() {}
            world.connect(first, second)
        }
        let comment = "\(shape) seed \(seed)"
        Self.expectEqual(&world, comment)
        for device in world.devices {
            for number in 0..<shape.count {
                let there = { (text: String) in device.disk[samplePath(text)]?.content }
                #expect(there("f\(number * 2)") == simulatedFile(UInt64(200 + number)), "\(comment), \(device.name)")
                #expect(there("f\(number * 2 + 1)") == nil, "\(comment), \(device.name)")
                let moved = simulatedFile(UInt64(100 + number * 2 + 1))
                #expect(there("d/moved\(number)") == moved, "\(comment), \(device.name)")
                #expect(there("new\(number)/x") == simulatedFile(UInt64(300 + number)), "\(comment), \(device.name)")
            }
        }
    }

    /// The device in the middle is down while those at the ends edit, and comes back with an older state.
    @Test(arguments: [Shape.chainOfThree, .starOfFive, .treeOfFive], 0..<2 as Range<UInt64>)
    func theMiddleMayBeDown(shape: Shape, seed: UInt64) {
        var world = Self.world(shape, seed)
        let middle = shape == .chainOfThree ? 1 : 0
        world.crash(middle)
        for device in 0..<shape.count where device != middle {
            world.edit(device) { disk, _ in disk.put(simulatedFile(UInt64(200 + device)), at: Self.path(device)) }
        }
        world.settle()
        world.edit(middle) { disk, _ in disk.remove(samplePath("d/f10")) }
        world.start(middle)
        Self.join(&world, shape)
        let comment = "\(shape) seed \(seed)"
        Self.expectEqual(&world, comment)
        for device in world.devices {
            #expect(device.disk[samplePath("d/f10")] == nil, "\(comment), \(device.name)")
            for number in 0..<shape.count where number != middle {
                let content = device.disk[Self.path(number)]?.content
                #expect(content == simulatedFile(UInt64(200 + number)), "\(comment), \(device.name)")
            }
        }
    }

    /// Only two at a time are ever connected: what one did reaches the last by the others, also a deletion.
    @Test(arguments: [3, 5], 0..<3 as Range<UInt64>)
    func oneLinkAtATimeIsEnough(count: Int, seed: UInt64) {
        let shape: Shape = count == 3 ? .chainOfThree : .chainOfFive
        var world = Self.world(shape, seed)
        for (first, second) in shape.links { world.disconnect(first, second) }
        world.edit(0) { disk, _ in
            disk.remove(Self.path(0))
            disk.put(simulatedFile(200), at: Self.path(1))
        }
        world.edit(count - 1) { disk, _ in disk.rename(samplePath("d"), to: samplePath("e")) }
        for _ in 0..<2 {
            for (first, second) in shape.links + shape.links.reversed() {
                world.connect(first, second)
                world.settle()
                world.disconnect(first, second)
            }
        }
        let comment = "\(count) devices, seed \(seed)"
        Self.join(&world, shape)
        Self.expectEqual(&world, comment)
        for device in world.devices {
            #expect(device.disk[Self.path(0)] == nil, "\(comment), \(device.name)")
            #expect(device.disk[Self.path(1)]?.content == simulatedFile(200), "\(comment), \(device.name)")
            #expect(device.disk[samplePath("e/f10")] != nil, "\(comment), \(device.name)")
            #expect(device.disk[samplePath("d")] == nil, "\(comment), \(device.name)")
        }
    }

    /// All edit one file apart: the winner and the copies are the same everywhere, whoever meets whom first.
    @Test(arguments: Shape.allCases, 0..<2 as Range<UInt64>)
    func ofManyEditsOneWinsAndTheOthersAreCopies(shape: Shape, seed: UInt64) {
        var world = Self.world(shape, seed)
        for (first, second) in shape.links { world.disconnect(first, second) }
        for device in 0..<shape.count {
            world.edit(device) { disk, _ in disk.put(simulatedFile(UInt64(200 + device)), at: Self.path(0)) }
        }
        world.settle()
        for (first, second) in shape.links.shuffled(using: &world.user.generator) {
            world.connect(first, second)
            if seed.isMultiple(of: 2) { world.settle() }
        }
        Self.expectEqual(&world, "\(shape) seed \(seed)", copies: shape.count - 1)
        let contents = Set(world.devices[0].disk.entries.values.map(\.content))
        let edits = (0..<shape.count).map { simulatedFile(UInt64(200 + $0)) }
        #expect(contents.isSuperset(of: edits), "\(shape) seed \(seed)")
    }
}
