internal import CLinux

extension OpenFolder {
    /// Finds out what the file system can do, with small files in the stage that are gone afterwards.
    /// - Throws: when the stage can't be written.
    public func probe() throws(FileSystemError) -> FileSystemFeatures {
        do throws(Errno) {
            return try FeatureProbe(directory: stageDirectory.number).run()
        } catch {
            throw FileSystemError(error, "try out the file system of", "'\(root.path)'")
        }
    }
}

/// One run of the probe.
struct FeatureProbe {
    let directory: Int32
    private static let names = ["probe-a", "probe-b", "probe-c", "PROBE-A"]

    func run() throws(Errno) -> FileSystemFeatures {
        clean()
        defer { clean() }
        let first = try make("probe-a")
        let second = try make("probe-b")
        var system = linux_statfs()
        try Errno.check(linux_statfsfd(directory, &system))
        var found = linux_stat()
        let ignoresCase = linux_statat(directory, "PROBE-A", &found) == 0
        let clones = linux_clone_range(first.number, 0, 4_096, second.number, 0) == 0
        let attributes = linux_fsetxattr(first.number, "user.lanyard", "1", 1, 0) == 0
        let modes =
            linux_fchmod(first.number, 0o751) == 0 && linux_statfd(first.number, &found) == 0
            && found.mode & 0o777 == 0o751
        return FileSystemFeatures(
            exchanges: rename("probe-a", "probe-b", linux_RENAME_EXCHANGE),
            refusesReplacing: refusesReplacing(), leases: leases(), attributes: attributes, clones: clones,
            hardLinks: succeedsOnce(linux_linkat(directory, "probe-a", directory, "probe-c")),
            symlinks: succeedsOnce(linux_symlinkat("x", directory, "probe-c")), unnamedFiles: unnamedFiles(),
            modes: modes, timestampNanoseconds: try granularity(first), ignoresCase: ignoresCase,
            nameBytes: Int(system.name_bytes))
    }

    private func clean() { for name in FeatureProbe.names { _ = linux_unlinkat(directory, name, 0) } }

    private func make(_ name: String) throws(Errno) -> Descriptor {
        let flags = linux_O_RDWR | linux_O_CREAT | linux_O_EXCL
        let file = Descriptor(owning: try Errno.check(linux_openat(directory, name, flags, 0o600)))
        try file.writeAll([UInt8](repeating: 1, count: 4_096), at: 0)
        return file
    }

    private func rename(_ name: String, _ other: String, _ flags: UInt32) -> Bool {
        linux_renameat2(directory, name, directory, other, flags) == 0
    }

    /// It must refuse what exists, not merely take the flag.
    private func refusesReplacing() -> Bool {
        linux_renameat2(directory, "probe-a", directory, "probe-b", linux_RENAME_NOREPLACE) == -linux_EEXIST
            && rename("probe-a", "probe-c", linux_RENAME_NOREPLACE) && rename("probe-c", "probe-a", 0)
    }

    private func leases() -> Bool {
        let flags = linux_O_RDWR | linux_O_CREAT
        let made = linux_openat(directory, "probe-c", flags, 0o600)
        if made < 0 { return false }
        _ = linux_close(made)
        let file = linux_openat(directory, "probe-c", linux_O_RDONLY, 0)
        if file < 0 { return false }
        defer {
            _ = linux_close(file)
            _ = linux_unlinkat(directory, "probe-c", 0)
        }
        return linux_lease_take(file) == 0 && linux_lease_broken(file) == 0
    }

    private func succeedsOnce(_ result: Int32) -> Bool {
        if result < 0 { return false }
        return linux_unlinkat(directory, "probe-c", 0) == 0
    }

    private func unnamedFiles() -> Bool {
        let file = linux_openat(directory, ".", linux_O_TMPFILE | linux_O_RDWR, 0o600)
        if file < 0 { return false }
        defer { _ = linux_close(file) }
        return succeedsOnce(linux_linkfd(file, directory, "probe-c"))
    }

    /// What is left of a time with an odd second and nine odd digits.
    private func granularity(_ file: Descriptor) throws(Errno) -> UInt64 {
        var found = linux_stat()
        try Errno.check(linux_set_modified(file.number, 1_000_000_001, 123_456_789))
        try Errno.check(linux_statfd(file.number, &found))
        if found.modified_seconds != 1_000_000_001 { return 2_000_000_000 }
        var unit: UInt32 = 1
        while unit < 1_000_000_000, 123_456_789 / unit * unit != found.modified_nanoseconds { unit *= 10 }
        return UInt64(unit)
    }
}
