import ModelFolder
import SyncCore
import SyncModel
import Testing

/// One file that several devices moved at the same time, and more than once: in the end it stands at one place, with
/// what was edited on the way.
@Suite struct TwoPlacesTests {
    private var world = Devices(seed: 1, count: 3)

    init() {
        world.devices[0].disk.put(sampleFile(1), at: samplePath("a"))
        world.devices[0].disk.put(sampleFile(2), at: samplePath("d/x"))
        world.settle()
    }

    private mutating func move(_ places: [String], at device: Int) {
        for (from, to) in zip(places, places.dropFirst()) {
            world.devices[device].disk.rename(samplePath(from), to: samplePath(to))
            world.devices[device].observe()
        }
    }

    private mutating func put(_ content: Content, _ path: String, at device: Int) {
        world.devices[device].disk.put(content, at: samplePath(path), keepingInode: true)
        world.devices[device].observe()
    }

    /// The files after all have heard everything, in any order.
    private mutating func meet() -> [String: Content] {
        world.settle()
        world.check()
        #expect(world.failures.isEmpty)
        let files = world.devices[0].disk.entries.filter { !$0.value.content.isDirectory }
        return Dictionary(uniqueKeysWithValues: files.map { ($0.key.description, $0.value.content) })
    }

    /// The device whose moves win over the other one's.
    private func first(_ one: Int, _ other: Int) -> Int {
        let isFirst = world.devices[one].context.author < world.devices[other].context.author
        return isFirst ? one : other
    }

    static let moves: [[[String]]] = [
        [["a", "b"], ["a", "c", "e"]],
        [["a", "b", "c"], ["a", "e", "f"]],
        [["a", "b", "c", "e"], ["a", "f", "g", "h", "i"]],
        [["a", "b"], ["a", "c", "e"], ["a", "f", "g", "h"]],
        [["a", "d/b"], ["a", "d/c", "e"], ["a", "d/b", "d/f"]],
    ]

    @Test(arguments: moves, [false, true]) func itIsThereOnce(moves: [[String]], isReversed: Bool) throws {
        var copy = self
        for (device, places) in (isReversed ? moves.reversed() : moves).enumerated() { copy.move(places, at: device) }
        let files = copy.meet()
        #expect(files.count == 2 && files.values.count { $0 == sampleFile(1) } == 1, "\(files)")
        let place = try #require(files.first { $0.value == sampleFile(1) }?.key)
        #expect(moves.contains { $0.last == place })
    }

    /// The place is the one that the smaller origin's move led to, however far each one moved it.
    @Test(arguments: moves.prefix(3), [false, true]) func theFirstMoveSaysWhere(moves: [[String]], isReversed: Bool) {
        var copy = self
        let order = isReversed ? moves.reversed() : moves
        for (device, places) in order.enumerated() { copy.move(places, at: device) }
        let place = order[copy.first(0, 1)].last
        #expect(copy.meet() == [place ?? "": sampleFile(1), "d/x": sampleFile(2)])
    }

    /// Whoever edited it: the edit has seen what the other one moved.
    @Test(arguments: [0, 1], 0..<3) func whatOneEditedOnTheWayIsThereOnce(editor: Int, at step: Int) {
        var copy = self
        let moves = [["a", "b", "c"], ["a", "e", "f"]]
        for device in 0...1 {
            for (index, place) in moves[device].enumerated() {
                if index > 0 { copy.move([moves[device][index - 1], place], at: device) }
                if device == editor, index == step { copy.put(sampleFile(11), place, at: device) }
            }
        }
        let place = moves[copy.first(0, 1)].last
        #expect(copy.meet() == [place ?? "": sampleFile(11), "d/x": sampleFile(2)])
    }

    @Test func whatBothEditedIsAConflictAtOnePlace() {
        var copy = self
        copy.move(["a", "b", "c"], at: 0)
        copy.put(sampleFile(11), "c", at: 0)
        copy.move(["a", "e", "f"], at: 1)
        copy.put(sampleFile(12), "f", at: 1)
        let place = copy.first(0, 1) == 0 ? "c" : "f"
        let files = copy.meet()
        #expect(Set(files.values) == [sampleFile(2), sampleFile(11), sampleFile(12)] && files.count == 3)
        #expect(files[place] != nil && files[place == "c" ? "f" : "c"] == nil)
    }

    /// A third device edits what it has at the old place.
    @Test func anEditOfTheOldPlaceFollowsToTheOnePlace() {
        var copy = self
        copy.move(["a", "b", "c"], at: 0)
        copy.move(["a", "e", "f"], at: 1)
        copy.put(sampleFile(11), "a", at: 2)
        let place = copy.first(0, 1) == 0 ? "c" : "f"
        let files = copy.meet()
        #expect(files[place] == sampleFile(11) && files.values.count { $0 == sampleFile(11) } == 1)
    }

    /// Each tells before the other moves it on.
    @Test func movesThatWereToldInBetween() {
        var copy = self
        copy.move(["a", "b"], at: 0)
        copy.move(["a", "e"], at: 1)
        copy.world.exchange(from: 0, to: 1, limit: .max)
        copy.move(["b", "c"], at: 0)
        copy.world.exchange(from: 1, to: 2, limit: .max)
        copy.move(["e", "f"], at: 1)
        #expect(copy.meet().values.count { $0 == sampleFile(1) } == 1)
    }

    /// Files in a directory, which goes along.
    @Test func aDirectoryThatBothMovedTwice() {
        var copy = self
        copy.move(["d", "b", "c"], at: 0)
        copy.move(["d", "e", "f"], at: 1)
        let place = copy.first(0, 1) == 0 ? "c" : "f"
        #expect(copy.meet() == ["a": sampleFile(1), "\(place)/x": sampleFile(2)])
        let directories = copy.world.devices[0].disk.entries.filter { $0.value.content.isDirectory }
        #expect(directories.keys.map(\.description) == [place])
    }

    /// A copy of the same content is another file.
    @Test func equalContentsOfTwoFilesBothStay() {
        var copy = self
        copy.put(sampleFile(1), "b", at: 2)
        copy.world.settle()
        copy.move(["a", "c"], at: 0)
        copy.move(["b", "e", "f"], at: 1)
        let files = copy.meet()
        #expect(files["c"] == sampleFile(1) && files["f"] == sampleFile(1) && files.count == 3)
    }

    /// A person who moved it away may put something else there, and move that.
    @Test func whatStoodThereLaterIsAnotherFile() {
        var copy = self
        copy.move(["a", "b"], at: 0)
        copy.put(sampleFile(11), "a", at: 0)
        copy.move(["a", "c"], at: 0)
        copy.move(["a", "e", "f"], at: 1)
        let files = copy.meet()
        #expect(files["c"] == sampleFile(11) && files.values.count { $0 == sampleFile(1) } == 1 && files.count == 3)
    }
}
