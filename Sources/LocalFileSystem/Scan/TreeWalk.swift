internal import CLinux
public import SyncModel

/// Walks a directory tree beside what the index knows of it, both in path order, and tells the differences.
///
/// An entry that is as known costs one stat. Memory grows with the names of the directories on the way to the entry in
/// hand, not with the tree. A walk sees each directory at another moment: what changes meanwhile is a watcher's to
/// tell, which is why `directory` is called before a directory is listed.
public struct TreeWalk {
    let root: FolderRoot
    let start: RelativePath?
    let rules: IgnoreRules
    let directory: ((RelativePath?, Descriptor) -> Void)?

    /// - Parameters:
    ///   - start: the directory to be walked, nil for the whole folder. It is not itself part of the walk, and must not
    ///     be an ignored one.
    ///   - rules: what they ignore is neither changed nor gone (rule 16), whatever stands in the place of a directory
    ///     that held it.
    ///   - directory: called with every directory that is walked, nil for the root, and open, before it is listed.
    public init(
        of root: FolderRoot, below start: RelativePath? = nil, rules: IgnoreRules = .none,
        directory: ((RelativePath?, Descriptor) -> Void)? = nil
    ) {
        self.root = root
        self.start = start
        self.rules = rules
        self.directory = directory
    }

    /// Runs the walk.
    /// - Parameters:
    ///   - known: gives the live entries below `start` that the index knows, ascending, nil at the end.
    ///   - batch: takes differences in path order, problems among them, at most `Limits.waveRecords` at once; false
    ///     cancels the walk.
    /// - Throws: only what `known` and `batch` throw. What the disk refuses is a problem among the differences.
    public func run<Failure: Error>(
        known: () throws(Failure) -> KnownEntry?, batch: ([WalkDifference]) throws(Failure) -> Bool
    ) throws(Failure) -> WalkSummary {
        try withoutActuallyEscaping(known) { known throws(Failure) in
            try withoutActuallyEscaping(batch) { batch throws(Failure) in
                let walker = Walker(self, known: known, batch: batch)
                try walker.run()
                return walker.summary
            }
        }
    }
}

/// One run of a walk.
final class Walker<Failure: Error> {
    /// A directory on the way to the entry in hand.
    struct Level {
        var names: NameList
        /// Of the next name.
        var next = 0
        /// Bytes of the path that are the directory's own, with the slash behind it.
        let pathBytes: Int
        /// Nil while it is closed to save descriptors.
        var descriptor: Descriptor?
    }

    let walk: TreeWalk
    let known: () throws(Failure) -> KnownEntry?
    let batch: ([WalkDifference]) throws(Failure) -> Bool
    var summary = WalkSummary()
    /// The next entry that the index knows, nil at the end.
    var ahead: KnownEntry?
    /// What is below it is gone, because it is gone or no directory.
    var gone: RelativePath?
    private var levels: [Level] = []
    /// The path of the entry in hand.
    var path: [UInt8] = []
    private var differences: [WalkDifference] = []
    private var hardLinks = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    init(
        _ walk: TreeWalk, known: @escaping () throws(Failure) -> KnownEntry?,
        batch: @escaping ([WalkDifference]) throws(Failure) -> Bool
    ) {
        (self.walk, self.known, self.batch) = (walk, known, batch)
    }

    deinit { buffer.deallocate() }

    func run() throws(Failure) {
        ahead = try known()
        try begin()
        while summary.isComplete, let last = levels.indices.last {
            guard levels[last].next < levels[last].names.count else {
                levels.removeLast()
                continue
            }
            guard let descriptor = try descriptor(last) else { continue }
            let index = levels[last].next
            levels[last].next += 1
            try visit(index, of: last, descriptor)
        }
        while summary.isComplete, ahead != nil { try settleAhead() }
        if summary.isComplete { try flush() }
    }

    /// Opens where the walk starts. If there is no such directory, the known entries tell what became of them.
    private func begin() throws(Failure) {
        do throws(FileSystemError) {
            let first = try walk.root.directory(walk.start)
            if let start = walk.start { path = start.bytes + [UInt8(ascii: "/")] }
            try list(first, path: walk.start)
        } catch where error.code == .noParent {
            return
        } catch {
            try report(error, at: walk.start)
            try passOver(below: walk.start)
        }
    }

    /// Goes into a directory whose path, with its slash, is the one in hand.
    func list(_ descriptor: Descriptor, path directory: RelativePath?) throws(FileSystemError) {
        walk.directory?(directory, descriptor)
        let names: NameList
        do throws(Errno) {
            names = try NameList(of: descriptor.number, through: buffer)
        } catch {
            throw FileSystemError(error, "list", show(directory))
        }
        var found = linux_stat()
        if let directory, names.contains(RelativePath.reservedName),
            linux_statat(descriptor.number, ".lanyard/folder", &found) == 0
        {
            throw FileSystemError(
                .nestedFolder, "'\(directory)' is another folder of Lanyard's; it is not synced within this one")
        }
        levels.append(Level(names: names, pathBytes: path.count, descriptor: descriptor))
        summary.directories += 1
        let surplus = levels.count - 1 - Limits.walkDirectories
        if surplus >= 0 { levels[surplus].descriptor = nil }
    }

    /// The descriptor of a level, opened again by its path if it was closed. If its directory is gone or another,
    /// the rest of its names mean nothing: the known entries among them are looked at by path.
    private func descriptor(_ level: Int) throws(Failure) -> Descriptor? {
        if let open = levels[level].descriptor { return open }
        let own = directoryPath(level)
        do throws(FileSystemError) {
            let again = try walk.root.directory(own)
            levels[level].descriptor = again
            return again
        } catch {
            levels[level].next = levels[level].names.count
            if error.code == .noParent { return nil }
            try report(error, at: own)
            try passOver(below: own)
            return nil
        }
    }

    private func visit(_ index: Int, of level: Int, _ directory: Descriptor) throws(Failure) {
        path.removeLast(path.count - levels[level].pathBytes)
        var found = linux_stat()
        let result = levels[level].names.withName(index) { name, pointer in
            path.append(contentsOf: name)
            return linux_statat(directory.number, pointer, &found)
        }
        if level == 0, path == RelativePath.reservedName { return }
        try settle()
        guard path.count <= Limits.pathBytes, levels.count + startDepth <= Limits.pathComponents else {
            return try reportTooLong(in: level)
        }
        // Gone since it was listed: if it is known, that is settled before the next name.
        if result == -linux_ENOENT { return }
        summary.entries += 1
        let match = try takeMatch()
        guard result == 0 else { return try refused(Errno(number: -result), level) }
        try compare(EntryStat(found), with: match, in: directory)
    }

    private var startDepth: Int { walk.start?.depth ?? 0 }

    /// The system refuses the stat of the entry in hand; without the right to search a directory, of all in it.
    private func refused(_ error: Errno, _ level: Int) throws(Failure) {
        let isDirectory = error == linux_EACCES
        let own = isDirectory ? directoryPath(level) : try? RelativePath(path)
        if isDirectory { levels[level].next = levels[level].names.count }
        try report(FileSystemError(error, isDirectory ? "look into" : "look at", show(own)), at: own)
        try passOver(below: own)
    }

    private func reportTooLong(in level: Int) throws(Failure) {
        let own = directoryPath(level)
        try report(
            FileSystemError(.nameTooLong, "an entry in \(show(own)) has a longer path than can be synced; shorten it"),
            at: own)
    }

    /// The path of a level's directory, nil for the root.
    private func directoryPath(_ level: Int) -> RelativePath? {
        try? RelativePath(path.prefix(max(levels[level].pathBytes - 1, 0)))
    }

    private func show(_ path: RelativePath?) -> String { path.map { walk.root.show($0) } ?? "'\(walk.root.path)'" }

    func noteHardLinks(_ path: RelativePath, _ links: UInt32) throws(Failure) {
        hardLinks += 1
        if hardLinks <= Limits.problems { try emit(.problem(EntryReader.hardLinks(path, links))) }
    }

    func report(_ error: FileSystemError, at path: RelativePath?) throws(Failure) {
        try emit(.problem(EntryReader.problem(error, path)))
    }

    func emit(_ difference: WalkDifference) throws(Failure) {
        switch difference {
        case .changed: summary.changed += 1
        case .gone: summary.gone += 1
        case .problem: summary.problems += 1
        }
        differences.append(difference)
        if differences.count >= Limits.waveRecords { try flush() }
    }

    private func flush() throws(Failure) {
        if differences.isEmpty { return }
        let full = differences
        differences.removeAll(keepingCapacity: true)
        if try !batch(full) { summary.isComplete = false }
    }
}
