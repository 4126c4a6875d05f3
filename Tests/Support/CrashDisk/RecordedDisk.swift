/// A disk as it was at first, all of it durable, and the effects on it since, with what was made durable of them.
struct RecordedDisk {
    /// A place in a directory that holds one name.
    struct Place: Hashable {
        var directory: UInt64
        var name: String
    }

    /// A change of names, done as a whole or not at all.
    struct NameChange {
        /// Its place in the log.
        let order: Int
        /// What stands at each place afterwards.
        var places: [(Place, UInt64?)]
        /// The inodes whose ctime it moves, and to what.
        var inodes: [(number: UInt64, changed: Int64)]
        var made: UInt64?
        var removedDirectory: UInt64?
        var isDurable = false
    }

    /// A change of what an inode holds.
    struct Change {
        enum What {
            case write(at: Int, Range<Int>)
            case truncate(Int)
            case metadata
            case attribute(String, Range<Int>?)
        }

        let order: Int
        let what: What
        let after: Effect.Stat

        var isData: Bool {
            switch what {
            case .write, .truncate: true
            case .metadata, .attribute: false
            }
        }
    }

    /// The changes of an inode: the first of each list are durable.
    struct Changes {
        var data: [Change] = []
        var durableData = 0
        var metadata: [Change] = []
        var durableMetadata = 0

        mutating func sync(dataOnly: Bool) {
            durableData = data.count
            if !dataOnly { durableMetadata = metadata.count }
        }
    }

    let first: DiskImage
    let log: [UInt8]
    var names: [NameChange] = []
    var changes: [UInt64: Changes] = [:]
    /// What inodes were when they were made.
    var made: [UInt64: DiskImage.Inode] = [:]
    /// One more than the last place in the log.
    let end: Int

    init(_ first: DiskImage, _ log: EffectLog, usersFlush: Bool = false) {
        (self.first, self.log, end) = (first, log.bytes, log.effects.count)
        let agent = log.agent
        for (order, effect) in log.effects.enumerated() {
            take(effect, order)
            if usersFlush, effect.process != agent { changes[effect.entry.inode]?.sync(dataOnly: false) }
        }
    }

    private mutating func take(_ effect: Effect, _ order: Int) {
        let entry = effect.entry
        let place = Place(directory: effect.parent, name: effect.name)
        let touched = (number: entry.inode, changed: entry.changed)
        switch effect.kind {
        case .create:
            create(effect)
            guard effect.parent != 0 else { return }
            names.append(NameChange(order: order, places: [(place, entry.inode)], inodes: [touched], made: entry.inode))
        case .link: names.append(NameChange(order: order, places: [(place, entry.inode)], inodes: [touched]))
        case .unlink:
            let isDirectory = entry.mode & 0o170000 == 0o040000
            names.append(
                NameChange(
                    order: order, places: [(place, nil)], inodes: [touched],
                    removedDirectory: isDirectory ? entry.inode : nil))
        case .rename:
            let target = Place(directory: effect.targetParent, name: effect.targetName)
            let isExchange = effect.number & 2 != 0
            var change = NameChange(
                order: order, places: [(place, isExchange ? effect.other.inode : nil), (target, entry.inode)],
                inodes: [touched])
            if effect.other.inode != 0 { change.inodes.append((effect.other.inode, effect.other.changed)) }
            names.append(change)
        case .write: add(effect, order, .write(at: Int(effect.number), effect.data))
        case .truncate: add(effect, order, .truncate(Int(effect.number)))
        case .metadata: add(effect, order, .metadata)
        case .attribute: add(effect, order, .attribute(effect.name, effect.number == 1 ? nil : effect.data))
        case .sync: sync(entry.inode, dataOnly: effect.number == 1)
        case .syncAll: syncAll()
        case .killed, .unknown: break
        }
    }

    /// A number that was given to an unnamed inode before may be given anew.
    private mutating func create(_ effect: Effect) {
        let kind: DiskImage.Kind =
            switch effect.entry.mode & 0o170000 {
            case 0o040000: .directory
            case 0o120000: .link
            default: .file
            }
        changes[effect.entry.inode] = nil
        made[effect.entry.inode] = DiskImage.Inode(
            kind: kind, content: Array(log[effect.data]), mode: effect.entry.mode & 0o7777,
            modified: effect.entry.modified, changed: effect.entry.changed)
    }

    private mutating func add(_ effect: Effect, _ order: Int, _ what: Change.What) {
        let change = Change(order: order, what: what, after: effect.entry)
        if change.isData {
            changes[effect.entry.inode, default: Changes()].data.append(change)
        } else {
            changes[effect.entry.inode, default: Changes()].metadata.append(change)
        }
    }

    private mutating func sync(_ inode: UInt64, dataOnly: Bool) {
        changes[inode]?.sync(dataOnly: dataOnly)
        if (first.inodes[inode] ?? made[inode])?.kind == .directory { syncEntries(of: inode) }
    }

    mutating func syncAll() {
        for index in names.indices { names[index].isDurable = true }
        for inode in changes.keys { changes[inode]?.sync(dataOnly: false) }
    }

    /// The changes in the directory, and what they follow from.
    private mutating func syncEntries(of directory: UInt64) {
        var wanted = Dependencies()
        for index in names.indices.reversed() where !names[index].isDurable {
            let isOwn = names[index].places.contains { $0.0.directory == directory }
            if isOwn || names[index].made == directory || wanted.meets(names[index]) {
                names[index].isDurable = true
                wanted.add(names[index])
            }
        }
    }
}

/// What changes of names have in common: of two that share a place or an inode the second one is never kept without the
/// first, nor is one in a directory without that directory's making, nor a directory's removal without those in it.
struct Dependencies {
    private var places: Set<RecordedDisk.Place> = []
    private var inodes: Set<UInt64> = []
    private var directories: Set<UInt64> = []

    func meets(_ change: RecordedDisk.NameChange) -> Bool {
        if let made = change.made, directories.contains(made) { return true }
        if let removed = change.removedDirectory, directories.contains(removed) { return true }
        return change.places.contains { places.contains($0.0) || inodes.contains($0.0.directory) }
            || change.inodes.contains { inodes.contains($0.number) }
    }

    mutating func add(_ change: RecordedDisk.NameChange) {
        for (place, _) in change.places {
            places.insert(place)
            directories.insert(place.directory)
        }
        for inode in change.inodes { inodes.insert(inode.number) }
    }
}
