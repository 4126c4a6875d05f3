import Glibc
internal import SeededRandom

/// Somebody who changes files at random, by seed, and knows what must survive of it.
///
/// Every content that is written is new in the world, so that it can be told where it went.
public final class SeededUser {
    public let folder: String
    private let tag: String
    /// How many names there are; nil where each is new.
    private let fewNames: Int?
    private var generator: SeededGenerator
    private var count = 0
    /// The hashes of what was written and not since overwritten or deleted by this user.
    public private(set) var written: Set<Int> = []
    /// What this user overwrote or deleted: nobody owes it to anybody.
    public private(set) var destroyed: Set<Int> = []
    /// Every name that this user ever gave.
    public private(set) var names: Set<String> = []
    public private(set) var files: [String] = []
    public private(set) var directories: [String] = [""]

    /// - Parameter fewNames: names are used again, by all users, for files and directories alike; trees are deleted.
    public init(_ tag: String, in folder: String, seed: UInt64, fewNames: Int? = nil) {
        (self.tag, self.folder, self.fewNames) = (tag, folder, fewNames)
        generator = SeededGenerator(seed: seed)
    }

    /// Looks at what is there now: the agent changes it too.
    public func look() {
        (files, directories) = ([], [""])
        var waiting = [""]
        while let directory = waiting.popLast() {
            for (name, kind) in Files.entries(folder + directory) where !(directory.isEmpty && name == ".lanyard") {
                let path = "\(directory)/\(name)"
                if kind == DT_DIR {
                    directories.append(path)
                    waiting.append(path)
                } else if kind == DT_REG {
                    files.append(path)
                }
            }
        }
        files.sort()
        directories.sort()
    }

    private func pick(_ choices: [String]) -> String? { choices.randomElement(using: &generator) }

    private func fresh() -> String {
        count += 1
        let name = fewNames.map { "n\(Int.random(in: 0..<$0, using: &generator))" } ?? "\(tag)\(count)"
        names.insert(name)
        return name
    }

    private func content(_ size: Int) -> [UInt8] {
        count += 1
        let bytes = Array("\(tag) \(count)\n".utf8) + generator.bytes(size)
        return bytes
    }

    /// Makes new files of up to `size` bytes.
    public func create(_ number: Int, upTo size: Int) throws {
        for _ in 0..<number {
            guard let directory = pick(directories), Files.exists(folder + directory) else { continue }
            let path = "\(directory)/\(fresh())"
            let bytes = content(Int.random(in: 0...size, using: &generator))
            if let old = Files.content(folder + path) { destroyed.insert(Tree.hash(old)) }
            // The agent may move or delete the directory at any moment.
            guard (try? Files.write(folder + path, bytes)) != nil else { continue }
            written.insert(Tree.hash(bytes))
            files.append(path)
        }
    }

    /// One change of any kind; nothing if what was to be changed is gone.
    public func change(upTo size: Int) throws {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<6: try create(1, upTo: size)
        case 6..<12: overwrite(upTo: size)
        case 12..<15: rename(\.files)
        case 15: rename(\.directories)
        case 16:
            guard let parent = pick(directories) else { return }
            let path = "\(parent)/\(fresh())"
            if mkdir(folder + path, 0o755) == 0 { directories.append(path) }
        case 17:
            if let path = pick(files) {
                chmod(folder + path, [0o600, 0o644, 0o755].randomElement(using: &generator) ?? 0)
            }
        default: delete()
        }
    }

    private func overwrite(upTo size: Int) {
        guard let path = pick(files), let old = Files.content(folder + path) else { return }
        let bytes = content(Int.random(in: 0...size, using: &generator))
        let whole = Bool.random(using: &generator)
        // An editor's way: the new content beside the old, then over it. Or in place.
        let target = whole ? "\(path)~" : path
        if whole { names.insert(String(target.split(separator: "/").last ?? "")) }
        destroyed.insert(Tree.hash(old))
        guard (try? Files.write(folder + target, bytes)) != nil else { return }
        written.insert(Tree.hash(bytes))
        if whole { _ = try? Files.move(folder + target, folder + path) }
    }

    private func rename(_ list: ReferenceWritableKeyPath<SeededUser, [String]>) {
        guard let old = pick(self[keyPath: list]), !old.isEmpty, let parent = pick(directories) else { return }
        let new = "\(parent)/\(fresh())"
        if Files.exists(folder + new) { return }
        guard Glibc.rename(folder + old, folder + new) == 0 else { return }
        // With everything below it.
        func moved(_ path: String) -> String {
            path == old || path.hasPrefix(old + "/") ? new + path.dropFirst(old.count) : path
        }
        files = files.map(moved)
        directories = directories.map(moved)
    }

    private func delete() {
        if fewNames != nil, Int.random(in: 0..<4, using: &generator) == 0 { return deleteTree() }
        guard let index = files.indices.randomElement(using: &generator) else { return }
        let path = folder + files.remove(at: index)
        guard let old = Files.content(path) else { return }
        destroyed.insert(Tree.hash(old))
        unlink(path)
    }

    private func deleteTree() {
        guard let top = pick(directories), !top.isEmpty else { return }
        destroyed.formUnion(Files.contents(below: folder + top))
        try? Files.remove(folder + top)
        files.removeAll { $0.hasPrefix(top + "/") }
        directories.removeAll { $0 == top || $0.hasPrefix(top + "/") }
    }
}
