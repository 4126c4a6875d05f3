internal import SyncModel

/// Neighbouring chunks of a new list that come from one place.
public struct ChunkRun: Hashable, Sendable {
    /// Where the bytes come from.
    public enum Source: Hashable, Sendable {
        /// To be fetched.
        case new
        /// The same bytes stand in the old file, in one piece from this offset.
        case old(offset: UInt64)
    }

    public let source: Source
    /// Of the new list.
    public var chunks: Range<Int>
    /// Where the run begins in the new file, in bytes.
    public let offset: UInt64
    /// In bytes.
    public var size: UInt64

    public init(source: Source, chunks: Range<Int>, offset: UInt64, size: UInt64) {
        self.source = source
        self.chunks = chunks
        self.offset = offset
        self.size = size
    }
}

extension ChunkList {
    /// This list as runs that follow each other without a gap: what the file that `old` lists has, and what it lacks.
    /// Where a chunk stands several times in `old`, the copy that continues a run is taken, else the first one.
    public func runs(reusing old: ChunkList) -> [ChunkRun] {
        var offsets: [ChunkReference: UInt64] = [:]
        var byOffset: [UInt64: ChunkReference] = [:]
        var oldOffset: UInt64 = 0
        for chunk in old {
            if offsets[chunk] == nil { offsets[chunk] = oldOffset }
            byOffset[oldOffset] = chunk
            oldOffset += UInt64(chunk.length)
        }
        var runs: [ChunkRun] = []
        var offset: UInt64 = 0
        for (index, chunk) in enumerated() {
            let size = UInt64(chunk.length)
            if let last = runs.last, last.goesOn(with: chunk, isNew: offsets[chunk] == nil, old: byOffset) {
                runs[runs.count - 1].chunks = last.chunks.lowerBound..<(index + 1)
                runs[runs.count - 1].size += size
            } else {
                let source: ChunkRun.Source = offsets[chunk].map { .old(offset: $0) } ?? .new
                runs.append(ChunkRun(source: source, chunks: index..<(index + 1), offset: offset, size: size))
            }
            offset += size
        }
        return runs
    }
}

extension ChunkRun {
    fileprivate func goesOn(with chunk: ChunkReference, isNew: Bool, old: [UInt64: ChunkReference]) -> Bool {
        switch source {
        case .new: isNew
        case .old(let start): old[start + size] == chunk
        }
    }
}
