internal import CLinux
public import Chunking
public import SyncModel

extension History {
    /// Whether a file of this content came here from `path`. Reads the entries of its size, as long as `rest` bytes
    /// suffice, and lowers it by what was read. What can't be read is not there.
    public func holds(_ content: FileContent, of path: RelativePath, within rest: inout UInt64) -> Bool {
        find(content, of: path, within: &rest) != nil
    }

    /// The latest file of this content that came here from `path`, open for reading, and its chunks. The rest as in
    /// `holds`.
    public func find(
        _ content: FileContent, of path: RelativePath, within rest: inout UInt64
    ) -> (file: Descriptor, chunks: ChunkList)? {
        guard let entries = try? entries(of: path) else { return nil }
        for entry in entries.reversed() where entry.state.kind == .file && entry.state.size == content.size {
            guard content.size <= rest else { return nil }
            rest -= content.size
            if let file = try? open(entry), let chunks = try? chunks(of: file, upTo: content.size),
                chunks.content == content
            {
                return (file, chunks)
            }
        }
        return nil
    }

    private func open(_ entry: HistoryEntry) throws(Errno) -> Descriptor {
        let place = entry.place
        let directory = try open(entry.directory, Array(place.parent ?? []), making: false)
        let flags = linux_O_RDONLY | linux_O_NOFOLLOW | linux_O_NONBLOCK
        return Descriptor(
            owning: try Errno.check(withName(place.name) { linux_openat(directory.number, $0, flags, 0) }))
    }

    private func chunks(of file: Descriptor, upTo size: UInt64) throws(Errno) -> ChunkList {
        let builder = ChunkListBuilder()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.readBytes, alignment: 4_096)
        defer { buffer.deallocate() }
        while builder.size <= size {
            let count = try file.readAll(into: buffer, at: builder.size)
            if count == 0 { break }
            builder.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        return builder.finish()
    }
}
