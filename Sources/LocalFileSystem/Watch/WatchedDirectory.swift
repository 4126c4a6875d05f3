internal import SyncModel

/// A directory in a watcher's picture of a folder. Its path is that of its parents, so that a rename costs the same
/// whatever is below.
final class WatchedDirectory {
    /// Nil for the top, and while it is detached.
    private(set) unowned var parent: WatchedDirectory?
    private(set) var name: [UInt8]
    private(set) var children: [[UInt8]: WatchedDirectory] = [:]
    let folder: FolderID
    /// Whether it is the root of its folder.
    let isTop: Bool
    /// Its watch descriptor, nil while it is not watched.
    var watch: Int32?
    /// No watch was left for it.
    var isUncovered = false

    /// The top of a folder.
    init(top folder: FolderID) { (name, self.folder, isTop) = ([], folder, true) }

    init(name: [UInt8], in folder: FolderID) { (self.name, self.folder, isTop) = (name, folder, false) }

    /// The bytes of its path, empty for the top; nil while it, or what it is in, is detached.
    var path: [UInt8]? {
        var names: [[UInt8]] = []
        var current = self
        while let above = current.parent {
            names.append(current.name)
            current = above
        }
        return current.isTop ? Array(names.reversed().joined(separator: [UInt8(ascii: "/")])) : nil
    }

    /// The directory at `path` below, made where the picture lacks it.
    func descendant(_ path: RelativePath) -> WatchedDirectory {
        var current = self
        for component in path.components {
            let name = Array(component)
            if let child = current.children[name] {
                current = child
            } else {
                let child = WatchedDirectory(name: name, in: folder)
                current.attach(child, as: name)
                current = child
            }
        }
        return current
    }

    func isBelow(_ other: WatchedDirectory) -> Bool {
        var above = parent
        while let directory = above {
            if directory === other { return true }
            above = directory.parent
        }
        return false
    }

    /// Puts a detached directory here; what the picture has under the name must have been detached before.
    func attach(_ child: WatchedDirectory, as name: [UInt8]) {
        child.parent = self
        child.name = name
        children[name] = child
    }

    func detach() {
        guard let parent else { return }
        if parent.children[name] === self { parent.children[name] = nil }
        self.parent = nil
    }

    /// It and everything below.
    var subtree: [WatchedDirectory] {
        var all = [self]
        var index = 0
        while index < all.count {
            all += all[index].children.values
            index += 1
        }
        return all
    }
}
