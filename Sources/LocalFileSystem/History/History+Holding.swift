internal import CLinux
internal import Chunking
public import SyncModel

extension History {
    /// Whether a file of this content came here from `path`. Reads the entries of its size, as long as `rest` bytes
    /// suffice, and lowers it by what was read. What can't be read is not there.
    public func holds(_ content: FileContent, of path: RelativePath, within rest: inout UInt64) -> Bool {
        guard let entries = try? entries(of: path) else { return false }
        for entry in entries.reversed() where entry.state.kind == .file && entry.state.size == content.size {
            guard content.size <= rest else { return false }
            rest -= content.size
            if (try? self.content(of: entry)) == content { return true }
        }
        return false
    }

    private func content(of entry: HistoryEntry) throws(Errno) -> FileContent {
        let place = entry.place
        let directory = try open(entry.directory, Array(place.parent ?? []), making: false)
        let flags = linux_O_RDONLY | linux_O_NOFOLLOW | linux_O_NONBLOCK
        let file = Descriptor(
            owning: try Errno.check(withName(place.name) { linux_openat(directory.number, $0, flags, 0) }))
        let builder = ChunkListBuilder()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.readBytes, alignment: 4_096)
        defer { buffer.deallocate() }
        while builder.size <= entry.state.size {
            let count = try file.readAll(into: buffer, at: builder.size)
            if count == 0 { break }
            builder.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return builder.finish().content
    }
}
