import SyncModel

/// What people do to files beside single changes.
extension ModelUser {
    /// Edits, or does one of the things that take several changes: puts an old version back with its old time, appends,
    /// truncates, exchanges two files, renames forth and back, deletes or moves away whole trees.
    package mutating func editFreely(_ disk: inout ModelDisk) {
        guard chance(50) else { return edit(&disk) }
        let paths = disk.entries.keys.sorted()
        guard !paths.isEmpty else { return edit(&disk) }
        let (some, other) = (paths[number(paths.count)], paths[number(paths.count)])
        switch number(8) {
        case 0, 1: restore(some, &disk)
        case 2: write(newFile(), at: some, &disk)
        case 3: write(file(0), at: some, &disk)
        case 4: exchange(some, other, &disk)
        case 5:
            let place = path()
            disk.rename(some, to: place)
            if chance(70) { disk.rename(place, to: some) }
        case 6:
            let top = samplePath(String(decoding: some.components[0], as: UTF8.self))
            chance(50) ? disk.remove(top) : disk.rename(top, to: path())
        default: replace(some, by: other, &disk)
        }
    }

    /// As from a backup: what stood somewhere before, under an old time, in a file of its own.
    private mutating func restore(_ path: RelativePath, _ disk: inout ModelDisk) {
        let old = disk.destroyed.filter(\.isFile).sorted { $0.size < $1.size }
        guard !old.isEmpty, disk[path]?.content.isFile == true else { return }
        disk.put(old[number(old.count)], at: path)
        disk.change(path, modified: Timestamp(seconds: Int64(number(1_000)), nanoseconds: UInt32(number(2))))
    }

    private func write(_ content: Content, at path: RelativePath, _ disk: inout ModelDisk) {
        if disk[path]?.content.isFile == true { disk.put(content, at: path, keepingInode: true) }
    }

    /// By three renames, as editors and scripts do it.
    private func exchange(_ one: RelativePath, _ other: RelativePath, _ disk: inout ModelDisk) {
        let aside = samplePath("aside")
        guard one != other, !one.isBelow(other), !other.isBelow(one), disk[aside] == nil else { return }
        disk.rename(one, to: aside)
        disk.rename(other, to: one)
        disk.rename(aside, to: other)
    }

    /// `rename(2)` over a file.
    private func replace(_ path: RelativePath, by other: RelativePath, _ disk: inout ModelDisk) {
        guard path != other, disk[path]?.content.isDirectory == false, disk[other]?.content.isDirectory == false else {
            return
        }
        disk.remove(path)
        disk.rename(other, to: path)
    }
}
