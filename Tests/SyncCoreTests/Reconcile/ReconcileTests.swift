import ModelFolder
import SyncCore
import SyncModel
import Testing

/// What follows from a merge at other paths. Two devices hold the same tree, part, edit, and hear of each other.
@Suite struct ReconcileTests {
    private var world = Devices(seed: 1, count: 2)

    /// Both hold these files: `1` the first's content, `2` the second's, and so on.
    private init(files: [String]) {
        for (index, file) in files.enumerated() {
            world.devices[0].disk.put(sampleFile(UInt64(index + 1)), at: samplePath(file))
        }
        world.settle()
    }

    init() { self.init(files: ["a", "b", "d/x"]) }

    private mutating func put(_ content: Content, _ path: String, at device: Int) {
        world.devices[device].disk.put(content, at: samplePath(path))
        world.devices[device].observe()
    }

    private mutating func rename(_ path: String, _ target: String, at device: Int) {
        world.devices[device].disk.rename(samplePath(path), to: samplePath(target))
        world.devices[device].observe()
    }

    private mutating func remove(_ path: String, at device: Int) {
        world.devices[device].disk.remove(samplePath(path))
        world.devices[device].observe()
    }

    /// The tree after both have heard everything, and the conflict copies in it.
    private mutating func meet() -> (tree: [String: Content], copies: [Content]) {
        world.settle()
        world.check()
        #expect(world.failures.isEmpty)
        let rows = world.devices[0].rows.values.filter { !$0.record.isDeleted }.map(\.record)
        let plain = rows.filter { $0.conflictOf == nil && !$0.content.isDirectory }
        return (
            Dictionary(plain.map { ($0.path.description, $0.content) }) { first, _ in first },
            rows.filter { $0.conflictOf != nil }.map(\.content)
        )
    }

    @Test mutating func editAgainstEdit() {
        put(sampleFile(11), "a", at: 0)
        put(sampleFile(12), "a", at: 1)
        let (tree, copies) = meet()
        #expect(Set([tree["a"]] + copies) == [sampleFile(11), sampleFile(12)])
        #expect(copies.count == 1)
    }

    @Test mutating func aCopyThatIsEditedOnBothSidesYieldsOneMoreCopy() {
        put(sampleFile(11), "a", at: 0)
        put(sampleFile(12), "a", at: 1)
        _ = meet()
        guard let copy = world.devices[0].rows.values.first(where: { $0.record.conflictOf != nil })?.record.path else {
            Issue.record("no copy")
            return
        }
        put(sampleFile(13), copy.description, at: 0)
        put(sampleFile(14), copy.description, at: 1)
        #expect(Set(meet().copies) == [sampleFile(13), sampleFile(14)])
    }

    /// Its next copy has the name of the first one, which was moved away: it stays all the same.
    @Test mutating func aCopyThatIsMovedBackAndLosesAgainIsKept() throws {
        put(sampleFile(11), "a", at: 0)
        put(sampleFile(12), "a", at: 1)
        _ = meet()
        let row = world.devices[0].rows.values.first { $0.record.conflictOf != nil }
        let copy = try #require(row?.record)
        // By who made it: the name of a copy tells that.
        let maker = copy.content == sampleFile(11) ? 0 : 1
        remove("a", at: maker)
        world.settle()
        rename(copy.path.description, "a", at: maker)
        // A directory wins over a file.
        put(.directory, "a", at: 1 - maker)
        let (tree, copies) = meet()
        #expect(tree["a"] == nil)
        #expect(copies == [copy.content])
    }

    /// Wherever a loser could live on, something is that wins over it: it goes on to names that are free, and all ends.
    @Test func aCopyFindsAPlaceThatIsFree() {
        func record(_ path: RelativePath, _ content: UInt64, by author: UInt64, edits: UInt64) -> FileRecord {
            let origin = Origin(author: sampleAuthor(author), counter: 7)
            return FileRecord(
                path: path, content: sampleFile(content), version: VersionVector(origin), origin: origin, edits: edits)
        }
        var loser = record(samplePath("a"), 1, by: 1, edits: 1)
        var view: [RelativePath: FileRecord?] = [samplePath("a"): record(samplePath("a"), 2, by: 2, edits: 9)]
        var places = [samplePath("a")]
        for number in 3..<6 as Range<UInt64> {
            guard let path = ModelDevice.copyPath(loser) else { return }
            view[path] = record(path, number, by: number, edits: 9)
            places.append(path)
            loser.path = path
        }
        #expect(Set(places).count == places.count)
        loser.path = samplePath("a")
        let context = EditContext(author: sampleAuthor(0), counter: 0, stampCounter: 0)
        var result = reconcile([loser], view: view, context: context) { ModelDevice.copyPath($0) ?? $0.path }
        while !result.missing.isEmpty {
            for path in result.missing { view[path] = .some(nil) }
            result = reconcile([loser], view: view, context: context) { ModelDevice.copyPath($0) ?? $0.path }
        }
        let homes = result.targets.values.filter { $0.content == loser.content }
        #expect(homes.count == 1 && !places.contains(homes[0].path))
        #expect(result.targets.count == places.count + 1)
        // The copies of one author need one name more in an index.
        let copy = conflictCopy(of: loser, at: samplePath("x"))
        #expect(copy.origin == conflictCopy(of: loser, at: samplePath("y/z")).origin)
        #expect(copy.origin == conflictCopy(of: copy, at: samplePath("w")).origin)
        // Edited, it is its author's again, whose counters are of the whole folder.
        var edited = copy
        edited.origin = Origin(author: loser.origin.author, counter: loser.origin.counter + 3)
        edited.version = edited.version.joined(with: VersionVector(edited.origin))
        let again = conflictCopy(of: edited, at: samplePath("w"))
        #expect(again.origin.author == copy.origin.author && again.version == VersionVector(again.origin))
        #expect(again.origin.counter == edited.origin.counter)
    }

    @Test mutating func aLinkThatLosesIsCopied() {
        put(.symlink(target: [1]), "a", at: 0)
        put(sampleFile(11), "a", at: 1)
        put(sampleFile(12), "a", at: 1)
        let (tree, copies) = meet()
        #expect(tree["a"] == sampleFile(12) && copies == [.symlink(target: [1])])
    }

    @Test mutating func editAgainstDelete() {
        put(sampleFile(11), "a", at: 0)
        remove("a", at: 1)
        let (tree, copies) = meet()
        #expect(tree["a"] == sampleFile(11) && copies.isEmpty)
    }

    @Test mutating func anEditFollowsARename() {
        put(sampleFile(11), "a", at: 0)
        rename("a", "c", at: 1)
        let (tree, copies) = meet()
        #expect(tree == ["b": sampleFile(2), "c": sampleFile(11), "d/x": sampleFile(3)] && copies.isEmpty)
    }

    @Test mutating func anEditThatIsToFollowARenameSurvivesAnEditOfTheNewPath() {
        put(sampleFile(11), "a", at: 1)
        world.exchange(from: 1, to: 0, limit: .max)
        rename("a", "c", at: 0)
        // The old path is settled, and the new one waits for the content.
        let plan = world.devices[0].plan(world.devices[0].needs.values.filter(\.target.isDeleted))
        _ = world.devices[0].settle(plan, [])
        put(sampleFile(12), "c", at: 0)
        let (tree, copies) = meet()
        #expect(Set([tree["c"]] + copies) == [sampleFile(11), sampleFile(12)] && tree["a"] == nil)
    }

    @Test mutating func anEditFollowsAChainOfRenames() {
        put(sampleFile(11), "a", at: 0)
        rename("a", "c", at: 1)
        rename("c", "e", at: 1)
        let (tree, copies) = meet()
        #expect(tree["e"] == sampleFile(11) && tree["a"] == nil && tree["c"] == nil && copies.isEmpty)
    }

    @Test mutating func anEditMeetsAnEditOfTheRenamedFile() {
        put(sampleFile(11), "a", at: 0)
        rename("a", "c", at: 1)
        put(sampleFile(12), "c", at: 1)
        let (tree, copies) = meet()
        #expect(tree["c"] == sampleFile(12) && copies == [sampleFile(11)] && tree["a"] == nil)
    }

    @Test mutating func anEditMeetsARenameThereAndBack() {
        put(sampleFile(11), "a", at: 0)
        rename("a", "c", at: 1)
        rename("c", "a", at: 1)
        let (tree, copies) = meet()
        #expect(Set([tree["a"]] + copies).isSuperset(of: [sampleFile(11)]) && tree["c"] == nil)
    }

    @Test mutating func twoRenamesOfOneFileLeaveOne() {
        rename("a", "c", at: 0)
        rename("a", "e", at: 1)
        let (tree, copies) = meet()
        #expect(tree.values.filter { $0 == sampleFile(1) }.count == 1 && tree["a"] == nil && copies.isEmpty)
    }

    /// Both rename a file to the same new name, and one puts something else in the old place.
    @Test(arguments: [0, 1]) mutating func whatIsPutInTheOldPlaceOfAMoveOfBothStaysThere(device: Int) {
        rename("a", "c", at: device)
        put(sampleFile(20), "a", at: device)
        rename("a", "c", at: 1 - device)
        let (tree, copies) = meet()
        #expect(tree["c"] == sampleFile(1) && tree["a"] == sampleFile(20) && copies.isEmpty)
    }

    @Test mutating func twoFilesRotatedOnBothSidesConflictInTheOldPlaceOnly() {
        for device in 0...1 {
            rename("a", "c", at: device)
            put(sampleFile(20 + UInt64(device)), "a", at: device)
        }
        let (tree, copies) = meet()
        #expect(tree["c"] == sampleFile(1))
        #expect(Set([tree["a"]] + copies) == [sampleFile(20), sampleFile(21)])
    }

    @Test mutating func twoFilesRenamedToOneNameAreBothKept() {
        rename("a", "c", at: 0)
        rename("b", "c", at: 1)
        let (tree, copies) = meet()
        #expect(Set([tree["c"]] + copies) == [sampleFile(1), sampleFile(2)])
    }

    @Test mutating func fileAgainstDirectory() {
        put(sampleFile(11), "c", at: 0)
        put(sampleFile(12), "c/y", at: 1)
        let (tree, copies) = meet()
        #expect(tree["c/y"] == sampleFile(12) && copies == [sampleFile(11)])
    }

    @Test mutating func aNewFileInADeletedDirectory() {
        remove("d", at: 0)
        put(sampleFile(11), "d/y", at: 1)
        let (tree, copies) = meet()
        #expect(tree["d/y"] == sampleFile(11) && tree["d/x"] == nil && copies.isEmpty)
    }

    @Test mutating func aNewFileInARenamedDirectory() {
        rename("d", "n", at: 0)
        put(sampleFile(11), "d/y", at: 1)
        let (tree, copies) = meet()
        #expect(tree["n/y"] == sampleFile(11) && tree["n/x"] == sampleFile(3) && copies.isEmpty)
        #expect(world.devices[0].disk[samplePath("d")] == nil)
    }

    @Test mutating func aFileInThePlaceOfADirectoryThatWasMovedStays() {
        rename("d", "n", at: 0)
        remove("d", at: 1)
        put(sampleFile(11), "d", at: 1)
        let (tree, copies) = meet()
        #expect(tree["d"] == sampleFile(11) && tree["n/x"] == sampleFile(3) && copies.isEmpty)
    }

    @Test mutating func directoriesMovedIntoEachOther() {
        put(sampleFile(11), "e/y", at: 0)
        _ = meet()
        rename("d", "e/d", at: 0)
        rename("e", "d/e", at: 1)
        let (tree, _) = meet()
        #expect(Set(tree.values).isSuperset(of: [sampleFile(3), sampleFile(11)]))
    }
}
