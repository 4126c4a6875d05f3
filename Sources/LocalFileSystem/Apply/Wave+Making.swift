internal import CLinux
internal import SyncModel

/// An entry made in the stage, complete with its metadata, that no path shows yet.
struct Made {
    /// Its name in the stage, nil for an unnamed file.
    var name: [UInt8]?
    /// Nil once it is closed.
    var file: Descriptor?
    /// Its stat after the metadata was set.
    var state: DiskState
    /// The whole content of the stage that it was: goes back there when it is not used.
    var staged: FileContent?
}

extension Wave {
    /// Makes a file with its content, mode, attributes and mtime.
    func makeFile(
        _ source: ContentSource, _ metadata: EntryMetadata, mode: FileMode, _ path: RelativePath,
        _ inline: (UInt64) -> [UInt8]?
    ) throws(Stop) -> Made {
        var made: Made
        switch source {
        case .staged(let content): made = try takeStaged(content, path)
        case .inline(let handle, let content):
            guard let bytes = inline(handle), UInt64(bytes.count) == content.size else { throw Stop(missing(path)) }
            made = try attempt("stage the content of", path) { () throws(Errno) in
                try makeEmpty(mode: mode) { file throws(Errno) in try file.writeAll(bytes, at: 0) }
            }
        }
        do throws(Stop) {
            try attempt("set the metadata of", path) { () throws(Errno) in
                try applier.point(.prepare, path)
                guard let file = made.file else { throw Errno(number: linux_ENOENT) }
                for attribute in metadata.attributes {
                    try AttributeSet.set(attribute.name, attribute.value.value, on: file.number)
                }
                if made.state.mode != mode.bits { try Errno.check(linux_fchmod(file.number, UInt32(mode.bits))) }
                if let time = metadata.modified {
                    try Errno.check(linux_set_modified(file.number, time.seconds, time.nanoseconds))
                }
                made.state = try file.stat().state
            }
        } catch {
            drop(made)
            throw error
        }
        return made
    }

    private func missing(_ path: RelativePath) -> ApplyOutcome {
        .failed(.noSource, message: "the new content of '\(path)' is not staged; it is fetched again")
    }

    private func takeStaged(_ content: FileContent, _ path: RelativePath) throws(Stop) -> Made {
        let name = StageName.whole(content).bytes
        let remaining = uses[content, default: 1]
        uses[content] = remaining - 1
        let opened = try attempt("open the new content of", path) { () throws(Errno) in
            try applier.stage.open(name, linux_O_RDONLY)
        }
        guard let file = opened else { throw Stop(missing(path)) }
        return try attempt("stage the content of", path) { () throws(Errno) in
            let state = try file.stat().state
            guard state.kind == .file, state.size == content.size else { throw Errno(number: linux_ESTALE) }
            if remaining <= 1 { return Made(name: name, file: file, state: state, staged: content) }
            return try makeEmpty(mode: .file) { copy throws(Errno) in
                try FileCopy.copy(file, at: 0, to: copy, at: 0, count: content.size)
                // Not the whole length when it ends in a hole that the kernel passed over.
                try Errno.check(linux_ftruncate(copy.number, Int64(content.size)))
            }
        }
    }

    /// A new file of the stage, unnamed where the file system has such, filled by `fill`.
    private func makeEmpty(mode: FileMode, fill: (Descriptor) throws(Errno) -> Void) throws(Errno) -> Made {
        let bits = UInt32(mode.bits)
        if applier.features.unnamedFiles {
            let number = linux_openat(stageDirectory, ".", linux_O_TMPFILE | linux_O_RDWR, bits)
            let file = Descriptor(owning: try Errno.check(number))
            try fill(file)
            return Made(name: nil, file: file, state: try file.stat().state, staged: nil)
        }
        let name = NewName(unique: applier.unique()).bytes
        let flags = linux_O_RDWR | linux_O_CREAT | linux_O_EXCL
        // Writable by us whatever its mode will be.
        let number = withName(name) { linux_openat(stageDirectory, $0, flags, 0o600) }
        let file = Descriptor(owning: try Errno.check(number))
        do throws(Errno) {
            try fill(file)
            return Made(name: name, file: file, state: try file.stat().state, staged: nil)
        } catch {
            unlink(name)
            throw error
        }
    }

    /// Makes a symlink.
    func makeSymlink(_ target: [UInt8], _ metadata: EntryMetadata, _ path: RelativePath) throws(Stop) -> Made {
        guard !target.isEmpty, target.count <= Limits.symlinkBytes, !target.contains(0) else {
            let message = "the link '\(path)' has a target that can't be: empty, too long or with a NUL"
            throw Stop(.failed(.other, message: message))
        }
        let name = NewName(unique: applier.unique()).bytes
        do throws(Stop) {
            return try attempt("make the link", path) { () throws(Errno) in
                try applier.point(.prepare, path)
                try Errno.check(
                    withName(target) { target in
                        withName(name) { linux_symlinkat(target, stageDirectory, $0) }
                    })
                let flags = linux_O_PATH | linux_O_NOFOLLOW
                let number = withName(name) { linux_openat(stageDirectory, $0, flags, 0) }
                let link = Descriptor(owning: try Errno.check(number))
                if let time = metadata.modified {
                    try Errno.check(linux_set_modified(link.number, time.seconds, time.nanoseconds))
                }
                return Made(name: name, file: link, state: try link.stat().state, staged: nil)
            }
        } catch {
            unlink(name)
            throw error
        }
    }

    /// Undoes the making: a staged content goes back to where it was, everything else goes.
    func drop(_ made: Made) {
        guard let name = made.name else { return }
        guard let content = made.staged else { return unlink(name) }
        let whole = StageName.whole(content).bytes
        if whole != name { try? applier.stage.rename(name, to: whole) }
    }

    /// The same for what could not be flushed: it goes for good, because another flush would succeed (rule 12).
    func lose(_ made: Made) {
        if let name = made.name { unlink(name) }
    }

    private func unlink(_ name: [UInt8]) { _ = withName(name) { linux_unlinkat(stageDirectory, $0, 0) } }
}
