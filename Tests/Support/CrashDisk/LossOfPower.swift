internal import SeededRandom

/// What a disk has after a loss of power, drawn from a seed.
///
/// The promises that are kept, those of ext4, xfs and btrfs at least:
/// - `fsync` of a file: its bytes, size, mode, times and attributes are there; `fdatasync`: its bytes and size. Whether
///   a name leads to it is another matter.
/// - `fsync` of a directory: the names in it are as they were, and with them all earlier changes of names that share a
///   place or an inode with those; a new directory has its own name then.
/// - `syncfs`: all is there.
/// - A rename, an exchange and the making of an entry are there as a whole or not at all, also where they concern two
///   directories. Two changes of names that share a place or an inode keep their order. With them come the mode, the
///   times and the attributes that what they name had then, since an inode is written as a whole; its bytes do not.
///
/// Of everything else nothing is promised, and it is drawn: in half of the disks all changes of names and of metadata
/// up to one moment are there, as a journal has them; in the others any of them, late ones without early ones. Of each
/// file whose size has changed, the new size may be there without the bytes: each block of 4,096 bytes holds what it
/// held before (zeros where nothing was) or what any of the writes since made of it, and some are torn in the middle.
///
/// What other processes than the agent write is flushed as it is written, unless `usersFlush` is false: a name of
/// theirs may be lost, the bytes of their files are not.
public struct LossOfPower {
    private var generator: SeededGenerator
    private let usersFlush: Bool
    private var isOrdered: Bool
    private let share: Double
    private var dataShare: Double
    private var lastKept = 0
    private var keeps: ((String) -> Bool)?
    private var keepsNothing = false

    static let block = 4_096

    public init(seed: UInt64, usersFlush: Bool = true) {
        self.usersFlush = usersFlush
        generator = SeededGenerator(seed: seed)
        isOrdered = Bool.random(using: &generator)
        // Nothing and everything are the most telling, and never come by chance.
        share = [0, 0.5, 0.9, 1].randomElement(using: &generator) ?? 0
        dataShare = [0, 0, 0.5, 1].randomElement(using: &generator) ?? 0
    }

    /// The one disk that has, of all changes of names that were not flushed, those that end at a name of `keeps`.
    public init(keeping keeps: @escaping (String) -> Bool) {
        self.init(seed: 0)
        self.keeps = keeps
    }

    /// The one disk that has what was flushed, and nothing else.
    public static var ofAllElse: LossOfPower {
        var loss = LossOfPower(seed: 0)
        (loss.isOrdered, loss.keepsNothing, loss.dataShare) = (true, true, 0)
        return loss
    }

    public mutating func image(after first: DiskImage, _ log: EffectLog) -> DiskImage {
        image(of: RecordedDisk(first, log, usersFlush: usersFlush))
    }

    /// Everything, as after the end of a process.
    public static func nothingLost(after first: DiskImage, _ log: EffectLog) -> DiskImage {
        var disk = RecordedDisk(first, log)
        disk.syncAll()
        var loss = LossOfPower(seed: 0)
        return loss.image(of: disk)
    }

    private mutating func image(of disk: RecordedDisk) -> DiskImage {
        let durable = disk.names.last { $0.isDurable }?.order ?? 0
        lastKept = share == 1 ? disk.end : Int.random(in: durable...disk.end, using: &generator)
        if keepsNothing { lastKept = 0 }
        var image = disk.first
        var changed: [UInt64: Int64] = [:]
        var named: [UInt64: Int] = [:]
        for change in kept(disk.names) {
            if let made = change.made {
                image.inodes[made] = disk.made[made]
                if disk.made[made]?.kind == .directory { image.entries[made] = [:] }
            }
            for (place, inode) in change.places { image.entries[place.directory, default: [:]][place.name] = inode }
            for inode in change.inodes {
                changed[inode.number] = max(changed[inode.number] ?? 0, inode.changed)
                named[inode.number] = change.order
            }
        }
        // An unnamed file has no change of names that made it.
        for (number, inode) in disk.made where image.inodes[number] == nil { image.inodes[number] = inode }
        for (number, changes) in disk.changes.sorted(by: { $0.key < $1.key }) {
            guard let inode = image.inodes[number] else { continue }
            image.inodes[number] = state(of: inode, changes, namedAt: named[number] ?? 0, disk.log)
        }
        for (number, time) in changed {
            guard let inode = image.inodes[number] else { continue }
            image.inodes[number]?.changed = max(inode.changed, time)
        }
        return image
    }

    private mutating func kept(_ changes: [RecordedDisk.NameChange]) -> [RecordedDisk.NameChange] {
        var lost = Dependencies()
        return changes.filter { change in
            let isKept = change.isDurable || (!lost.meets(change) && draws(change))
            if !isKept { lost.add(change) }
            return isKept
        }
    }

    /// Whether a change that nothing makes durable is there.
    private mutating func draws(_ change: RecordedDisk.NameChange) -> Bool {
        if let keeps { return keeps(change.places.last?.0.name ?? "") }
        let order = change.order
        return isOrdered ? order < lastKept : Double.random(in: 0..<1, using: &generator) < share
    }

    /// How many of `changes` are there: a file's size is that after one of them, and so are its times.
    private mutating func count(_ changes: [RecordedDisk.Change], durable: Int) -> Int {
        if isOrdered { return max(durable, changes.count { $0.order < lastKept }) }
        return Double.random(in: 0..<1, using: &generator) < share
            ? changes.count : Int.random(in: durable...changes.count, using: &generator)
    }

    private mutating func state(
        of inode: DiskImage.Inode, _ changes: RecordedDisk.Changes, namedAt order: Int, _ log: [UInt8]
    ) -> DiskImage.Inode {
        var inode = inode
        let told = changes.metadata.count { $0.order < order }
        let sizes = count(changes.data, durable: changes.durableData)
        let metadata = count(changes.metadata, durable: max(told, changes.durableMetadata))
        let kept = (changes.data.prefix(sizes) + changes.metadata.prefix(metadata)).sorted { $0.order < $1.order }
        for change in kept {
            (inode.modified, inode.changed) = (change.after.modified, max(inode.changed, change.after.changed))
            switch change.what {
            case .write, .truncate: break
            case .metadata: inode.mode = change.after.mode & 0o7777
            case .attribute(let name, let value): inode.attributes[name] = value.map { Array(log[$0]) }
            }
        }
        inode.content = content(inode.content, changes, sizes: sizes, log)
        return inode
    }

    private mutating func content(
        _ before: [UInt8], _ changes: RecordedDisk.Changes, sizes: Int, _ log: [UInt8]
    ) -> [UInt8] {
        var bytes = before
        for change in changes.data.prefix(changes.durableData) { change.apply(to: &bytes, log) }
        let pending = Array(changes.data[changes.durableData...])
        if pending.isEmpty { return bytes }
        var size = bytes.count
        for change in pending.prefix(sizes - changes.durableData) { size = change.size(after: size) }
        let blocks = Set(pending.flatMap { $0.blocks(upTo: max(size, bytes.count)) }).sorted()
        var result = bytes
        result.resize(size)
        for block in blocks where block * Self.block < size {
            let range = block * Self.block..<min(size, (block + 1) * Self.block)
            let drawn = self.block(block, bytes, pending, sizes - changes.durableData, log)
            result.replaceSubrange(range, with: drawn.prefix(range.count))
        }
        return result
    }

    /// What a block holds: the version after one of its writes.
    private mutating func block(
        _ block: Int, _ before: [UInt8], _ pending: [RecordedDisk.Change], _ sizes: Int, _ log: [UInt8]
    ) -> [UInt8] {
        let start = block * Self.block
        var version = [UInt8](repeating: 0, count: Self.block)
        if start < before.count {
            let there = before[start..<min(before.count, start + Self.block)]
            version.replaceSubrange(0..<there.count, with: there)
        }
        var versions = [version]
        for (index, change) in pending.enumerated() where change.apply(to: &version, blockAt: start, log) {
            // What was cut off is gone with the size.
            if case .truncate = change.what, index < sizes { versions = [] }
            versions.append(version)
        }
        let drawn: Int
        if dataShare == 0 || dataShare == 1 {
            drawn = dataShare == 0 ? 0 : versions.count - 1
        } else {
            drawn = Int.random(in: versions.indices, using: &generator)
            if drawn > 0, Int.random(in: 0..<8, using: &generator) == 0 {
                return Array(versions[drawn][..<(Self.block / 2)] + versions[drawn - 1][(Self.block / 2)...])
            }
        }
        return versions[drawn]
    }
}

extension RecordedDisk.Change {
    func size(after size: Int) -> Int {
        switch what {
        case .write(let offset, let data): max(size, offset + data.count)
        case .truncate(let size): size
        case .metadata, .attribute: size
        }
    }

    func apply(to bytes: inout [UInt8], _ log: [UInt8]) {
        bytes.resize(size(after: bytes.count))
        if case .write(let offset, let data) = what {
            bytes.replaceSubrange(offset..<offset + data.count, with: log[data])
        }
    }

    /// The blocks that it writes or cuts off.
    func blocks(upTo end: Int) -> Range<Int> {
        let block = LossOfPower.block
        switch what {
        case .write(let offset, let data): return offset / block..<(offset + data.count + block - 1) / block
        case .truncate(let size): return size / block..<max(size / block, (end + block - 1) / block)
        case .metadata, .attribute: return 0..<0
        }
    }

    /// False if it has nothing to do with the block.
    func apply(to bytes: inout [UInt8], blockAt start: Int, _ log: [UInt8]) -> Bool {
        let end = start + bytes.count
        switch what {
        case .write(let offset, let data):
            let range = max(start, offset)..<max(max(start, offset), min(end, offset + data.count))
            if range.isEmpty { return false }
            let source = data.lowerBound + range.lowerBound - offset
            bytes.replaceSubrange(
                range.lowerBound - start..<range.upperBound - start, with: log[source..<source + range.count])
            return true
        case .truncate(let size):
            if size >= end { return false }
            let cut = max(0, size - start)
            bytes.replaceSubrange(cut..., with: repeatElement(0, count: bytes.count - cut))
            return true
        case .metadata, .attribute: return false
        }
    }
}

extension [UInt8] {
    /// Cut off, or longer by zeros.
    fileprivate mutating func resize(_ size: Int) {
        if size < count { removeLast(count - size) } else { append(contentsOf: repeatElement(0, count: size - count)) }
    }
}
