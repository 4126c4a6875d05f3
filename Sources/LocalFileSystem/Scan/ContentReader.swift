internal import CLinux
public import SyncModel

/// Reads ranges of a file for as long as it is the one that the index knows: what a device serves to others.
/// For any number of threads.
public final class ContentReader: Sendable {
    public let path: RelativePath
    private let file: Descriptor
    private let expected: DiskState
    private let root: FolderRoot

    /// Opens the file at `path`.
    /// - Throws: `.changed` when its stat is not `expected` in the sense of `DiskState.sameContent(as:)`, `.notFound`,
    ///   `.noParent`, `.unsupportedKind`, `.permissionDenied` …
    public init(
        opening path: RelativePath, in root: FolderRoot, expecting expected: DiskState
    ) throws(FileSystemError) {
        (self.path, self.root, self.expected) = (path, root, expected)
        let found: EntryStat
        (file, found) = try root.open(path)
        guard found.state.sameContent(as: expected) else { throw ContentReader.changed(path) }
    }

    /// Fills `buffer` with the bytes from `offset` on, and makes sure that the file is still the expected one.
    /// - Throws: `.changed` when it is not, also when it ends before the buffer is full; `.inputOutput` …
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileSystemError) {
        guard offset <= expected.size, UInt64(buffer.count) <= expected.size - offset else {
            throw ContentReader.changed(path)
        }
        do throws(Errno) {
            let count = try file.readAll(into: buffer, at: offset)
            let isSame = try file.stat().state.sameContent(as: expected)
            if isSame, count == buffer.count { return }
        } catch {
            throw FileSystemError(error, "read", root.show(path))
        }
        throw ContentReader.changed(path)
    }

    private static func changed(_ path: RelativePath) -> FileSystemError {
        let message = "'\(path)' is no longer what the index knows; it is looked at again"
        return FileSystemError(.changed, message, cause: linux_ESTALE)
    }
}
