internal import CLinux
internal import SyncModel

/// One run of `Applier.execute`: its report and what its steps share.
final class Wave {
    let applier: Applier
    let seconds: Int64
    var report = WaveReport()
    /// How many steps still to come use a staged content.
    var uses: [FileContent: Int] = [:]
    /// What replacing steps will put in place, by the step's index, flushed before the first of them.
    var prepared: [Int: Result<Made, Stop>] = [:]

    /// Up to this many contents are flushed each for itself; more by one syncfs (rule 12).
    static let singleFlushes = 4

    var stageDirectory: Int32 { applier.stage.directory }

    init(_ applier: Applier, seconds: Int64) { (self.applier, self.seconds) = (applier, seconds) }

    func countUses(in steps: [ApplyStep]) {
        for step in steps {
            if case .placeFile(.staged(let content), _) = step.action { uses[content, default: 0] += 1 }
        }
    }

    func run(_ step: ApplyStep, _ index: Int, _ inline: (UInt64) -> [UInt8]?) throws(Stop) -> DiskState? {
        switch (step.action, step.expected) {
        case (.createDirectory(let metadata), let expected):
            return try createDirectory(step.path, expected, metadata)
        case (.placeFile, .entry(let expected)), (.placeSymlink, .entry(let expected)):
            guard let made = prepared.removeValue(forKey: index) else { throw Stop(.changed) }
            return try replace(step.path, expected, try made.get())
        case (.placeFile(let source, let metadata), .absent):
            let made = try makeFile(source, metadata, mode: metadata.mode ?? .file, step.path, inline)
            return try place(made, at: step.path)
        case (.placeSymlink(let target, let metadata), .absent):
            return try place(try makeSymlink(target, metadata, step.path), at: step.path)
        case (.setMetadata(let metadata), .entry(let expected)):
            return try setMetadata(step.path, expected, metadata)
        case (.move(let target, let metadata), .entry(let expected)):
            return try move(step.path, expected, to: target, metadata)
        case (.delete, .entry(let expected)):
            try delete(step.path, expected)
            return nil
        case (.delete, .absent):
            if try look(step.path) == nil { return nil }
            throw Stop(.changed)
        case (.setMetadata, .absent), (.move, .absent):
            throw Stop(.changed)
        }
    }

    /// What stands at a path now.
    func look(_ path: RelativePath) throws(Stop) -> DiskState? {
        do throws(FileSystemError) { return try applier.folder.root.entry(at: path)?.state } catch { throw Stop(error) }
    }

    func parent(of path: RelativePath) throws(Stop) -> ParentDirectory {
        do throws(FileSystemError) { return try applier.folder.root.parent(of: path) } catch { throw Stop(error) }
    }

    func swapName(of path: RelativePath, made inode: UInt64) -> [UInt8] {
        SwapName(made: inode, path: Applier.pathNumber(path), unique: applier.unique()).bytes
    }

    // MARK: Preparing

    /// Makes what replacing steps put in place, with its metadata, and flushes it: when the exchange is durable the
    /// content is too.
    /// - Throws: what the system answers to a flush: it may be about what earlier waves wrote. Then nothing that was
    ///   made is kept, because another flush would succeed (rule 12).
    func prepareReplacements(
        in steps: [ApplyStep], _ inline: (UInt64) -> [UInt8]?
    ) throws(FileSystemError) {
        let replacing = steps.indices.filter { steps[$0].isReplacing }
        let isFew = replacing.count <= Wave.singleFlushes
        for index in replacing {
            do throws(Stop) {
                prepared[index] = .success(try prepareReplacement(steps[index], inline))
            } catch {
                prepared[index] = .failure(error)
            }
            if !isFew { close(index) }
        }
        if replacing.isEmpty { return }
        do throws(Errno) {
            if isFew {
                for index in replacing { try flush(index, steps[index].path) }
            } else {
                try applier.point(.flushPrepared, nil)
                try Errno.check(linux_syncfs(stageDirectory))
            }
        } catch {
            for case .success(let made) in prepared.values { lose(made) }
            throw FileSystemError(error, "flush new contents in", "'\(applier.folder.root.path)'")
        }
    }

    private func flush(_ index: Int, _ path: RelativePath) throws(Errno) {
        guard case .success(let made) = prepared[index], let file = made.file else { return }
        try applier.point(.flushPrepared, path)
        if made.state.kind == .file { try Errno.check(linux_fsync(file.number)) }
        close(index)
    }

    private func close(_ index: Int) {
        guard case .success(var made) = prepared[index] else { return }
        made.file = nil
        prepared[index] = .success(made)
    }

    private func prepareReplacement(_ step: ApplyStep, _ inline: (UInt64) -> [UInt8]?) throws(Stop) -> Made {
        guard case .entry(let expected) = step.expected else { throw Stop(.changed) }
        var made: Made
        switch step.action {
        case .placeFile(let source, let metadata):
            let mode = metadata.mode ?? FileMode(expected.kind == .file ? expected.mode : FileMode.file.bits)
            made = try makeFile(source, metadata, mode: mode, step.path, inline)
        case .placeSymlink(let target, let metadata):
            made = try makeSymlink(target, metadata, step.path)
        default:
            throw Stop(.changed)
        }
        do throws(Stop) {
            try attempt("prepare the new content of", step.path) { () throws(Errno) in
                let name = swapName(of: step.path, made: made.state.inode)
                try give(made, name)
                made.name = name
            }
        } catch {
            drop(made)
            throw error
        }
        return made
    }

    /// Gives what was made a name of the stage.
    private func give(_ made: Made, _ name: [UInt8]) throws(Errno) {
        let stage = stageDirectory
        let result = withName(name) { name in
            if let old = made.name { return withName(old) { linux_renameat2(stage, $0, stage, name, 0) } }
            return made.file.map { linux_linkfd($0.number, stage, name) } ?? -linux_ENOENT
        }
        try Errno.check(result)
    }

    /// Steps that ended before their exchange leave what was made for them.
    func discardUnused() {
        for case .success(let made) in prepared.values { drop(made) }
        prepared = [:]
    }
}

extension ApplyStep {
    /// Whether it puts something in the place of what stands there.
    var isReplacing: Bool {
        guard case .entry = expected else { return false }
        switch action {
        case .placeFile, .placeSymlink: return true
        default: return false
        }
    }
}
