import SyncModel

extension FileRecord {
    /// What every record that is sent or received must be, beyond the bounds of its fields.
    func check(at offset: Int) throws(WireError) {
        guard version.covers(origin) else {
            throw WireError(.inconsistent, at: offset, "The record's version does not cover its origin.")
        }
        switch content {
        case .file: break
        case .directory:
            guard modified == nil else { throw refusal(offset, "A directory has a modification time.") }
        case .symlink(let target):
            guard !target.isEmpty, target.count <= Limits.symlinkBytes, !target.contains(0) else {
                throw WireError(.invalidValue, at: offset, "A link target is empty, too long or holds NUL.")
            }
            guard mode == nil, attributes.isEmpty else { throw refusal(offset, "A link has a mode or attributes.") }
        case .deleted(let movedTo):
            guard modified == nil, mode == nil, attributes.isEmpty else {
                throw refusal(offset, "A tombstone has metadata.")
            }
            if let movedTo, movedTo == path { throw refusal(offset, "A tombstone moved to its own path.") }
        }
        if let movedFrom, movedFrom.path == path { throw refusal(offset, "A record moved from its own path.") }
        if let conflictOf, conflictOf == path { throw refusal(offset, "A record is a conflict copy of itself.") }
        if let last = lineage.last {
            guard !isDeleted, last.path == path else {
                throw refusal(offset, "A record's lineage does not lead to it.")
            }
        }
        if !attributes.isEmpty { try checkAttributes(at: offset) }
    }

    private func refusal(_ offset: Int, _ message: String) -> WireError {
        WireError(.inconsistent, at: offset, message)
    }

    /// `user.` names without NUL, ascending, and all within `Limits.attributeBytes`.
    private func checkAttributes(at offset: Int) throws(WireError) {
        var total = 0
        var previous: [UInt8] = []
        for attribute in attributes {
            let name = attribute.name
            guard name.starts(with: FileRecord.attributePrefix), name.count > FileRecord.attributePrefix.count,
                name.count <= Limits.nameBytes, !name.contains(0)
            else {
                throw WireError(
                    .invalidValue, at: offset, "An attribute's name does not begin with user. or is no name.")
            }
            guard previous.lexicographicallyPrecedes(name) else {
                throw WireError(.notAscending, at: offset, "The attributes do not ascend, or one is there twice.")
            }
            previous = name
            total += name.count + (attribute.value.value?.count ?? 0)
        }
        guard total <= Limits.attributeBytes else {
            throw WireError(.overLimit, at: offset, "The attributes have \(total) bytes.")
        }
    }

    static let attributePrefix = Array("user.".utf8)
}
