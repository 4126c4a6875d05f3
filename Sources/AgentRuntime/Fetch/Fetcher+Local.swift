internal import Chunking
internal import LocalFileSystem
internal import SQLiteIndex
internal import SyncCore
internal import SyncModel

/// What needs no peer: on the fetcher's thread.
extension Fetcher {
    /// Looks what is here of a content, and asks for the rest.
    func prepare(_ order: FetchOrder) {
        let content = order.content
        guard isUnderWay(content) else { return }
        do throws(FileSystemError) {
            if try isStaged(content) { return }
            if try isCopied(order) { return }
            if try isInHistory(order) { return }
        } catch {
            return fail(content, FetchFailure(error))
        }
        let isOneChunk = content.size <= UInt64(Limits.chunkGreatest)
        if isOneChunk || (content.size <= UInt64(Limits.requestBytes) && order.similar == nil) {
            return wantWhole(content)
        }
        if let chunks = chunkList(content), let list = try? ChunkList(chunks) { return plan(content, list) }
        let tree = order.similar.flatMap(chunkList).flatMap { try? ChunkList($0) }.flatMap { ChunkTree($0) }
        let reader = ChunkTreeReader(content, similar: tree)
        if let list = reader.list { return plan(content, list) }
        state.withLock { state in
            guard state.transfers[content] != nil else { return }
            state.transfers[content]?.phase = .listing(reader)
            state.machine.want(nodes: reader.wanted, of: content)
        }
        settle()
    }

    private func isUnderWay(_ content: FileContent) -> Bool { state.withLock { $0.transfers[content] != nil } }

    private func wantWhole(_ content: FileContent) {
        state.withLock { state in
            guard state.transfers[content] != nil else { return }
            state.transfers[content]?.phase = .whole
            state.machine.want(
                [ChunkSpan(chunks: 0..<1, offset: 0)], lengths: [UInt32(content.size)], of: content)
        }
        settle()
    }

    /// The chunks of a file that the index knows, of one that has a single chunk too.
    private func chunkList(_ content: FileContent) -> [ChunkReference]? {
        services.lookups.withLock { try? $0.chunkList(content) }
    }

    // MARK: Whole contents

    /// Whether it is whole in the stage already, or can't be at all. Read again, because a loss of power may have torn
    /// it.
    private func isStaged(_ content: FileContent) throws(FileSystemError) -> Bool {
        if content.size == 0 {
            guard ChunkList.empty.contentHash == content.hash else {
                fail(content, .noSource(.wrongBytes))
                return true
            }
            try services.stage.store([], as: content)
            succeed(content, chunks: nil)
            return true
        }
        guard let file = try services.stage.open(content) else { return false }
        let list = try Self.list(of: file)
        guard list.content == content else {
            try services.stage.remove(content)
            return false
        }
        succeed(content, chunks: list.count > 1 ? Array(list) : nil)
        return true
    }

    private static func list(of file: Descriptor) throws(FileSystemError) -> ChunkList {
        let builder = ChunkListBuilder()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try file.read(into: buffer, at: builder.size)
            if count == 0 { return builder.finish() }
            builder.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Whether another file of ours has the same content and could be copied.
    private func isCopied(_ order: FetchOrder) throws(FileSystemError) -> Bool {
        let content = order.content
        guard case .success(let source) = services.open(content, at: order.path), source.expected != nil else {
            return false
        }
        if content.size > UInt64(Limits.requestBytes) {
            guard let chunks = chunkList(content), let list = try? ChunkList(chunks) else { return false }
            return try isCopied(content, list, from: source.file)
        }
        var bytes = [UInt8](repeating: 0, count: Int(content.size))
        let count = bytes.withUnsafeMutableBytes { try? source.file.read(into: $0, at: 0) }
        guard count == bytes.count, let chunks = InlineVerifier().chunks(of: bytes[...], as: content) else {
            return false
        }
        try services.stage.store(bytes, as: content)
        succeed(content, chunks: chunks.count > 1 ? chunks : nil)
        return true
    }

    /// Whether what lost a conflict or was moved went to this folder's own history. Nobody else may have it any more:
    /// what took its place was placed before a loss of power took the copy. Not where somebody can be asked: that costs
    /// less.
    private func isInHistory(_ order: FetchOrder) throws(FileSystemError) -> Bool {
        guard order.sources.isEmpty else { return false }
        var rest = UInt64.max
        for path in order.former {
            guard let found = services.history.find(order.content, of: path, within: &rest) else { continue }
            return try isCopied(order.content, found.chunks, from: found.file)
        }
        return false
    }

    /// Whether a file of that many chunks could be copied whole.
    private func isCopied(
        _ content: FileContent, _ list: ChunkList, from file: Descriptor
    ) throws(FileSystemError) -> Bool {
        let partial = try services.stage.begin(content)
        var offset: UInt64 = 0
        for start in stride(from: 0, to: list.count, by: Self.copyChunks) {
            let piece = Array(list[start..<min(start + Self.copyChunks, list.count)])
            guard try partial.copy(from: file, at: offset, chunks: piece, to: offset).allSatisfy({ $0 }) else {
                state.withLock { _ = $0.resumable.insert(content) }
                return false
            }
            offset += piece.reduce(0) { $0 + UInt64($1.length) }
        }
        try partial.complete()
        succeed(content, chunks: list.count > 1 ? Array(list) : nil)
        return true
    }

    /// Chunks that are copied at once, between two looks whether the order still stands.
    static let copyChunks = 1_024

    // MARK: Chunks

    /// The chunk list is known: takes what is here, and asks for the rest.
    func plan(_ content: FileContent, _ list: ChunkList) {
        guard
            let (order, isResumed) = state.withLock({ state in
                state.transfers[content].map { ($0.order, state.resumable.contains(content)) }
            })
        else { return }
        do throws(FileSystemError) {
            let partial = try services.stage.begin(content)
            var local = LocalChunks(content: content, list: list, partial: partial)
            if isResumed { try local.resume() }
            if let similar = order.similar { try local.copySimilar(similar, at: order.path, from: services) }
            try local.copyElsewhere(from: services) { self.isUnderWay(content) }
            want(content, list, partial, local)
        } catch {
            fail(content, FetchFailure(error))
        }
    }

    private func want(_ content: FileContent, _ list: ChunkList, _ partial: PartialFile, _ local: LocalChunks) {
        let done = state.withLock { state -> Transfer? in
            guard state.transfers[content] != nil else { return nil }
            state.transfers[content]?.phase = .chunks(partial, list)
            state.transfers[content]?.present = content.size - local.missingBytes
            state.machine.want(local.missingSpans, lengths: list.map(\.length), of: content)
            return state.machine.isComplete(content) ? state.transfers[content] : nil
        }
        if let done { complete(done) } else { settle() }
    }
}
