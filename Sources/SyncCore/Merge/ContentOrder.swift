internal import SyncModel

/// The winner of two concurrent contents, from the two versions alone, so that every device picks the same one.
///
/// A directory wins over anything else, because others' records may live below it; then the content with more counted
/// edits; then the larger content key. Devices' clocks, identities and the order of arrival play no part.
enum ContentOrder {
    /// Whether `left`'s content wins over `right`'s. Exactly one of the two holds when the contents differ.
    static func wins(_ left: FileRecord, over right: FileRecord) -> Bool {
        if left.content.isDirectory != right.content.isDirectory { return left.content.isDirectory }
        if left.edits != right.edits { return left.edits > right.edits }
        return key(right.content).lexicographicallyPrecedes(key(left.content))
    }

    /// Bytes that differ for different contents: kind, then identity, then size.
    private static func key(_ content: Content) -> [UInt8] {
        switch content {
        case .file(let file): [3] + file.hash.raw.bytes + file.size.bigEndianBytes
        case .symlink(let target): [2] + target
        case .directory: [1]
        case .deleted(let movedTo): [0] + (movedTo?.bytes ?? [])
        }
    }
}
