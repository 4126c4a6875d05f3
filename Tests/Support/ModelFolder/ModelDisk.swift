package import SyncCore
package import SyncModel

/// A tree in memory that carries out steps with the semantics of `LocalFileSystem.Applier`.
package struct ModelDisk {
    package struct Entry: Hashable {
        package var content: Content
        package var state: DiskState
        package var attributes: [[UInt8]: [UInt8]] = [:]
    }

    package private(set) var entries: [RelativePath: Entry] = [:]
    /// Every file and link content that was taken from its path, by path.
    private var taken: [RelativePath: Set<Content>] = [:]
    /// Every file and link content that a user overwrote or removed himself.
    package private(set) var destroyed: Set<Content> = []
    /// By contents that files have since they were torn: what they were before. Who removes such a file removes that.
    private var torn: [Content: Content] = [:]
    private var clock: UInt32
    /// By how many seconds its clock is wrong.
    package var skew: Int64 = 0
    private var inodes: UInt64 = 0
    /// Bits of mode that this disk keeps: fewer on a vfat-like one.
    package var modeMask: UInt16 = 0o777
    package var modeFloor: UInt16 = 0
    /// What the disk rounds mtimes down to, in nanoseconds.
    package var resolution: UInt32 = 1

    /// - Parameter clock: where its time begins: no two disks stamp the same times.
    package init(clock: UInt32 = 0) { self.clock = clock }

    /// Every file and link content that was taken from its path.
    package var history: Set<Content> { taken.values.reduce(into: []) { $0.formUnion($1) } }

    /// Whether a content was taken from one of these paths.
    package func hasTaken(_ content: Content, from paths: [RelativePath]) -> Bool {
        paths.contains { taken[$0]?.contains(content) == true }
    }

    package subscript(path: RelativePath) -> Entry? { entries[path] }

    package func children(of path: RelativePath) -> [RelativePath] { entries.keys.filter { $0.isBelow(path) }.sorted() }

    // MARK: What a user does

    package mutating func tick() -> Timestamp {
        clock += 1
        return time
    }

    /// Of the last change.
    package var time: Timestamp { Timestamp(seconds: 1_000_000 + skew, nanoseconds: clock) }

    /// Writes in place or anew; parents are made.
    package mutating func put(
        _ content: Content, at path: RelativePath, mode: UInt16? = nil, keepingInode: Bool = false
    ) {
        if let parent = path.parent, entries[parent]?.content != .directory { put(.directory, at: parent) }
        if content == .directory, entries[path]?.content == .directory { return }
        let replaced = entries[path]
        for child in children(of: path) { destroy(child) }
        if replaced?.content != content { destroy(path) }
        let time = tick()
        let kind: EntryKind = content.isDirectory ? .directory : content.isFile ? .file : .symlink
        let old = replaced.flatMap { $0.state.kind == kind ? $0 : nil }
        inodes += 1
        let inode = keepingInode ? old?.state.inode ?? inodes : inodes
        let state = DiskState(
            kind: kind, device: 1, inode: inode, size: content.size, modified: rounded(time), changed: time,
            mode: kept(mode ?? old?.state.mode ?? (kind == .directory ? 0o755 : 0o644)), links: 1)
        entries[path] = Entry(content: content, state: state, attributes: [:])
    }

    package mutating func remove(_ path: RelativePath) {
        for gone in children(of: path) + [path] { destroy(gone) }
    }

    private mutating func destroy(_ path: RelativePath) {
        guard let entry = entries.removeValue(forKey: path), !entry.content.isDirectory else { return }
        destroyed.insert(entry.content)
        if let before = torn[entry.content] { destroyed.insert(before) }
    }

    /// `rename(2)`: nothing when it can't be done.
    package mutating func rename(_ path: RelativePath, to target: RelativePath) {
        guard var entry = entries[path], target != path, !target.isBelow(path), entries[target] == nil else { return }
        if let parent = target.parent, entries[parent]?.content != .directory { return }
        let moved = children(of: path)
        entry.state.changed = tick()
        entries[path] = nil
        entries[target] = entry
        for child in moved {
            guard let new = try? child.rebased(from: path, to: target) else { continue }
            entries[new] = entries.removeValue(forKey: child)
        }
    }

    package mutating func change(_ path: RelativePath, mode: UInt16? = nil, modified: Timestamp? = nil) {
        guard var entry = entries[path] else { return }
        if let mode, entry.state.kind != .symlink { entry.state.mode = kept(mode) }
        if let modified, entry.state.kind != .directory { entry.state.modified = rounded(modified) }
        entry.state.changed = tick()
        entries[path] = entry
    }

    package mutating func setAttribute(_ name: [UInt8], _ value: [UInt8]?, at path: RelativePath) {
        guard var entry = entries[path], entry.state.kind != .symlink else { return }
        entry.attributes[name] = value
        entry.state.changed = tick()
        entries[path] = entry
    }

    private func kept(_ mode: UInt16) -> UInt16 { mode & modeMask | modeFloor }

    private func rounded(_ time: Timestamp) -> Timestamp {
        Timestamp(seconds: time.seconds, nanoseconds: time.nanoseconds / resolution * resolution)
    }

    /// Goes back to what had reached it at an instant, as at a power failure.
    package mutating func revert(to instant: ModelDisk) { (entries, taken) = (instant.entries, instant.taken) }

    /// At one path, what had reached the disk at another instant: what is in separate places may reach it in any order.
    /// Not where a rename is involved, which does in all its places or in none.
    package mutating func mix(_ path: RelativePath, as instant: ModelDisk) {
        let (now, then) = (entries[path], instant.entries[path])
        guard now != then, children(of: path).isEmpty else { return }
        let inodes = Set([now, then].compactMap { $0?.state.inode })
        let isAlone = [entries, instant.entries].allSatisfy { tree in
            tree.allSatisfy { $0.key == path || !inodes.contains($0.value.state.inode) }
        }
        guard isAlone, path.parent.map({ entries[$0]?.content == .directory }) ?? true else { return }
        entries[path] = then
        for (path, contents) in instant.taken { taken[path, default: []].formUnion(contents) }
    }

    /// Loses what is not durable yet, as at a power failure: the file has another content, or it is gone.
    package mutating func tear(_ path: RelativePath, to content: FileContent?) {
        guard var entry = entries[path], entry.content.isFile else { return }
        guard let content else { return entries[path] = nil }
        torn[.file(content)] = torn[entry.content] ?? entry.content
        entry.content = .file(content)
        entry.state.size = content.size
        entries[path] = entry
        // Nobody wrote that.
        destroyed.insert(entry.content)
    }

    // MARK: What is seen

    package func observe(_ path: RelativePath) -> Observation {
        guard let entry = entries[path] else { return Observation(path: path, found: .absent) }
        let attributes = entry.attributes.map { ObservedAttribute(name: $0.key, value: $0.value) }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
        switch entry.content {
        case .file(let content):
            return Observation(path: path, found: .file(entry.state, content, attributes: attributes))
        case .symlink(let target): return Observation(path: path, found: .symlink(entry.state, target: target))
        case .directory: return Observation(path: path, found: .directory(entry.state, attributes: attributes))
        case .deleted: return Observation(path: path, found: .absent)
        }
    }

    // MARK: What the agent does

    package mutating func execute(_ step: ApplyStep, isAvailable: (ContentSource) -> Bool) -> ApplyOutcome {
        guard step.path.parent.map({ entries[$0]?.content == .directory }) ?? true else { return .noParent }
        let found = entries[step.path]
        switch step.action {
        case .createDirectory(let metadata):
            if found == nil { put(.directory, at: step.path) } else if found?.content != .directory { return .changed }
            return set(metadata, at: step.path)
        case .placeFile(let source, let metadata):
            guard isAvailable(source) else { return .failed(.noSource, message: "not staged") }
            guard step.expected.holds(for: found), found?.content != .directory else { return .changed }
            take(step.path)
            put(.file(source.content), at: step.path)
            return set(metadata, at: step.path)
        case .placeSymlink(let target, let metadata):
            guard step.expected.holds(for: found), found?.content != .directory else { return .changed }
            take(step.path)
            put(.symlink(target: target), at: step.path)
            return set(metadata, at: step.path)
        case .setMetadata(let metadata):
            guard found != nil, step.expected.holds(for: found) else { return .changed }
            return set(metadata, at: step.path)
        case .move(let target, let metadata):
            guard found != nil, step.expected.holds(for: found) else { return .changed }
            guard target.parent.map({ entries[$0]?.content == .directory }) ?? true else { return .noParent }
            guard entries[target] == nil else { return .changed }
            rename(step.path, to: target)
            return set(metadata, at: target)
        case .delete:
            guard step.expected.holds(for: found) else { return .changed }
            if found?.content == .directory, !children(of: step.path).isEmpty { return .notEmpty }
            take(step.path)
            return .applied(nil)
        }
    }

    private mutating func take(_ path: RelativePath) {
        guard let entry = entries.removeValue(forKey: path), !entry.content.isDirectory else { return }
        taken[path, default: []].insert(entry.content)
    }

    private mutating func set(_ metadata: EntryMetadata, at path: RelativePath) -> ApplyOutcome {
        guard var entry = entries[path] else { return .changed }
        if metadata != EntryMetadata() { entry.state.changed = tick() }
        if let mode = metadata.mode { entry.state.mode = kept(mode.bits) }
        if let modified = metadata.modified { entry.state.modified = rounded(modified) }
        for attribute in metadata.attributes { entry.attributes[attribute.name] = attribute.value.value }
        entries[path] = entry
        return .applied(entry.state)
    }
}

extension ModelDisk {
    /// In kinds, contents, modes, attributes, and mtimes of all but directories.
    package func differences(from other: ModelDisk, without paths: Set<RelativePath> = []) -> [String] {
        var found: [String] = []
        for path in Set(entries.keys).union(other.entries.keys).subtracting(paths).sorted() {
            guard let left = entries[path], let right = other.entries[path] else {
                found.append("\(path) is missing on one side")
                continue
            }
            if left.content != right.content { found.append("content of \(path)") }
            let isLink = left.state.kind == .symlink
            if !isLink, left.state.mode != right.state.mode { found.append("mode of \(path)") }
            if left.attributes != right.attributes { found.append("attributes of \(path)") }
            let isDirectory = left.content.isDirectory
            if !isDirectory, left.state.modified != right.state.modified { found.append("mtime of \(path)") }
        }
        return found
    }
}

extension Expectation {
    package func holds(for entry: ModelDisk.Entry?) -> Bool {
        switch self {
        case .absent: entry == nil
        case .entry(let state): entry?.state.sameContent(as: state) ?? false
        }
    }
}

extension Content {
    package var isFile: Bool { if case .file = self { true } else { false } }
}

extension ContentSource {
    package var content: FileContent {
        switch self {
        case .staged(let content), .inline(_, let content): content
        }
    }
}
