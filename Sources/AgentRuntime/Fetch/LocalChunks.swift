internal import Chunking
internal import Cryptography
internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncCore
internal import SyncModel

/// The chunks of a content that are missing in the stage, and where in this folder they can be had.
struct LocalChunks {
    let content: FileContent
    let list: ChunkList
    let partial: PartialFile
    private var isMissing: [Bool]

    /// Chunks that are looked for in the index although none was found lately: one in so many.
    private static let probeInterval = 32
    /// Misses in a row after which only some chunks are looked for.
    private static let probesAtFirst = 32

    init(content: FileContent, list: ChunkList, partial: PartialFile) {
        (self.content, self.list, self.partial) = (content, list, partial)
        isMissing = [Bool](repeating: true, count: list.count)
    }

    /// Reads what an earlier run left.
    mutating func resume() throws(FileSystemError) {
        isMissing = [Bool](repeating: false, count: list.count)
        for index in try partial.verify(chunks: Array(list)) { isMissing[index] = true }
    }

    /// Copies what the older version at the path shares with the content.
    mutating func copySimilar(
        _ similar: FileContent, at path: RelativePath, from services: FolderServices
    ) throws(FileSystemError) {
        var chunks = services.lookups.withLock { try? $0.chunkList(similar) }
        if chunks == nil, similar.size > 0, similar.size <= UInt64(Limits.chunkGreatest) {
            chunks = [ChunkReference(length: UInt32(similar.size), hash: similar.hash.raw)]
        }
        guard let chunks, let old = try? ChunkList(chunks),
            case .success(let source) = services.open(similar, at: path)
        else { return }
        for run in list.runs(reusing: old) {
            guard case .old(let from) = run.source else { continue }
            try copy(run.chunks, at: run.offset, from: source.file, at: from)
        }
    }

    /// Copies a run in pieces, leaving out what is here already.
    private mutating func copy(
        _ chunks: Range<Int>, at offset: UInt64, from file: Descriptor, at from: UInt64
    ) throws(FileSystemError) {
        var (start, offset, from) = (chunks.lowerBound, offset, from)
        while start < chunks.upperBound {
            var end = start
            var length: UInt64 = 0
            let wanted = isMissing[start]
            while end < chunks.upperBound, isMissing[end] == wanted, end - start < Fetcher.copyChunks {
                length += UInt64(list[end].length)
                end += 1
            }
            if wanted {
                let good = try partial.copy(from: file, at: from, chunks: Array(list[start..<end]), to: offset)
                for (index, isGood) in good.enumerated() where isGood { isMissing[start + index] = false }
            }
            (start, offset, from) = (end, offset + length, from + length)
        }
    }

    /// Writes chunks of zeros, and copies those that other files of the folder have. A content of which nothing is
    /// found is only sampled: looking for every chunk would cost more than it saves.
    mutating func copyElsewhere(
        from services: FolderServices, while isWanted: () -> Bool
    ) throws(FileSystemError) {
        var offset: UInt64 = 0
        var misses = 0
        for (index, chunk) in list.enumerated() {
            defer { offset += UInt64(chunk.length) }
            guard isMissing[index] else { continue }
            if chunk == ZeroChunk.reference {
                try partial.write(ZeroChunk.bytes, chunk: chunk, at: offset)
                isMissing[index] = false
                continue
            }
            guard misses < Self.probesAtFirst || index.isMultiple(of: Self.probeInterval) else { continue }
            guard isWanted() else { return }
            isMissing[index] = try !isCopied(chunk, at: offset, from: services)
            misses = isMissing[index] ? misses + 1 : 0
        }
    }

    private func isCopied(
        _ chunk: ChunkReference, at offset: UInt64, from services: FolderServices
    ) throws(FileSystemError) -> Bool {
        for location in services.lookups.withLock({ try? $0.locateChunk(chunk.hash) }) ?? [] {
            guard location.length == chunk.length, case .success(let source) = services.open(location.row) else {
                continue
            }
            let good = try partial.copy(from: source.file, at: location.offset, chunks: [chunk], to: offset)
            if good == [true] { return true }
        }
        return false
    }

    // MARK: What is missing

    var missingBytes: UInt64 { list.indices.reduce(0) { isMissing[$1] ? $0 + UInt64(list[$1].length) : $0 } }

    var missingSpans: [ChunkSpan] {
        var spans: [ChunkSpan] = []
        var offset: UInt64 = 0
        for (index, chunk) in list.enumerated() {
            if isMissing[index] {
                if index > 0, isMissing[index - 1], let last = spans.last {
                    spans[spans.count - 1].chunks = last.chunks.lowerBound..<(index + 1)
                } else {
                    spans.append(ChunkSpan(chunks: index..<(index + 1), offset: offset))
                }
            }
            offset += UInt64(chunk.length)
        }
        return spans
    }
}

/// What a long run of zeros is cut into.
private enum ZeroChunk {
    static let bytes = [UInt8](repeating: 0, count: Limits.chunkGreatest)
    static let reference = ChunkReference(length: UInt32(Limits.chunkGreatest), hash: SHA256.hash(bytes))
}
