internal import CLinux
internal import Cryptography
internal import Synchronization
public import SyncModel

/// A content that is being put together chunk by chunk, in any order, by any number of threads. Only bytes whose hash
/// was checked here count; runs of zeros become holes.
public final class PartialFile: Sendable {
    public let content: FileContent
    private let file: Descriptor
    private let stage: Stage
    private let verified = Mutex(ByteRanges())
    private let writeback = Mutex(Writeback())

    /// Contents of this size on are allocated in advance: a full disk shows before anything is fetched, and of many
    /// that are begun at once each leaves the reserve free.
    private static let allocatedBytesLeast: UInt64 = 64 << 10

    init(_ content: FileContent, _ file: Descriptor, in stage: Stage) {
        (self.content, self.file, self.stage) = (content, file, stage)
    }

    private var subject: String { "the staged content \(content.hash)" }

    func allocate() throws(Errno) {
        guard content.size >= PartialFile.allocatedBytesLeast, content.size < Limits.fileBytes else { return }
        let result = linux_fallocate(file.number, linux_FALLOC_FL_KEEP_SIZE, 0, Int64(content.size))
        if result != -linux_EOPNOTSUPP { try Errno.check(result) }
    }

    /// Writes one chunk's bytes at `offset`.
    /// - Throws: `.wrongContent` when they are not the chunk or don't fit the content, `.diskFull` …
    public func write(
        _ bytes: UnsafeRawBufferPointer, chunk: ChunkReference, at offset: UInt64
    ) throws(FileSystemError) {
        let end = offset.addingReportingOverflow(UInt64(bytes.count))
        guard bytes.count == Int(chunk.length), !end.overflow, end.partialValue <= content.size,
            SHA256.hash(bytes) == chunk.hash
        else {
            throw FileSystemError(
                .wrongContent, "bytes at \(offset) of \(subject) are not the chunk that was asked for")
        }
        do throws(Errno) {
            if !bytes.isAllZero || !punch(offset, bytes.count) {
                try file.writeAll(bytes, at: offset)
                wrote(bytes: UInt64(bytes.count))
            }
        } catch {
            throw FileSystemError(error, "write to", subject)
        }
        note(offset, chunk.length)
    }

    /// The same, for bytes in an array.
    public func write(_ bytes: [UInt8], chunk: ChunkReference, at offset: UInt64) throws(FileSystemError) {
        let failure = bytes.withUnsafeBytes { buffer -> FileSystemError? in
            do throws(FileSystemError) { try write(buffer, chunk: chunk, at: offset) } catch { return error }
            return nil
        }
        if let failure { throw failure }
    }

    /// Copies a run of consecutive chunks from another file, sharing its blocks where the file system can, and reads
    /// the copy back: returns which of `chunks` are there now. A source that changed meanwhile only yields fewer.
    /// - Throws: `.wrongContent` when the run does not fit the content, `.diskFull` …
    public func copy(
        from source: Descriptor, at sourceOffset: UInt64, chunks: [ChunkReference], to offset: UInt64
    ) throws(FileSystemError) -> [Bool] {
        let length = chunks.reduce(0) { $0 + UInt64($1.length) }
        guard offset <= content.size, length <= content.size - offset, sourceOffset <= Limits.fileBytes else {
            throw FileSystemError(.wrongContent, "chunks at \(offset) do not fit \(subject)")
        }
        do throws(Errno) {
            try FileCopy.copy(source, at: sourceOffset, to: file, at: offset, count: length)
            wrote(bytes: length)
            return try check(chunks, from: offset, punching: true)
        } catch {
            throw FileSystemError(error, "copy into", subject)
        }
    }

    /// Reads all that is there, after a restart, and counts what agrees; returns the indices of the chunks that are
    /// missing or wrong.
    public func verify(chunks: [ChunkReference]) throws(FileSystemError) -> [Int] {
        do throws(Errno) {
            let good = try check(chunks, from: 0)
            return good.indices.filter { !good[$0] }
        } catch {
            throw FileSystemError(error, "read", subject)
        }
    }

    /// Makes it a whole content of the stage, once every byte was verified.
    /// - Throws: `.wrongContent` when some were not; what the disk says of what was written so far. Then nothing of it
    ///   is kept: a second flush would succeed although the bytes of the first are lost (rule 12).
    public func complete() throws(FileSystemError) {
        guard verified.withLock({ $0.covers(content.size) }) else {
            throw FileSystemError(.wrongContent, "\(subject) is not complete")
        }
        let result = linux_await_writeback(file.number)
        if [linux_EIO, linux_ENOSPC, linux_EDQUOT].contains(-result) {
            try stage.remove(content)
            throw FileSystemError(Errno(number: -result), "write out", subject)
        }
        do throws(Errno) {
            try Errno.check(linux_ftruncate(file.number, Int64(content.size)))
            try stage.rename(StageName.partial(content).bytes, to: StageName.whole(content).bytes)
        } catch {
            throw FileSystemError(error, "complete", subject)
        }
    }

    /// An error of the disk is told at the end, by `complete`.
    private func wrote(bytes: UInt64) {
        if writeback.withLock({ $0.isDue(after: bytes) }) { _ = linux_begin_writeback(file.number) }
    }

    private func note(_ offset: UInt64, _ length: UInt32) {
        verified.withLock { $0.insert(offset..<(offset + UInt64(length))) }
    }

    /// Makes the range read as zeros without blocks of its own; false where that can't be done. The file reaches
    /// past it, because `complete` sets its size.
    private func punch(_ offset: UInt64, _ count: Int) -> Bool {
        let mode = linux_FALLOC_FL_PUNCH_HOLE | linux_FALLOC_FL_KEEP_SIZE
        return count > 0 && linux_fallocate(file.number, mode, Int64(offset), Int64(count)) == 0
    }

    private func check(
        _ chunks: [ChunkReference], from start: UInt64, punching: Bool = false
    ) throws(Errno) -> [Bool] {
        let size = try file.stat().state.size
        let greatest = min(chunks.reduce(0) { max($0, Int($1.length)) }, Limits.chunkGreatest)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(greatest, 1), alignment: 16)
        defer { buffer.deallocate() }
        var offset = start
        var good: [Bool] = []
        good.reserveCapacity(chunks.count)
        for chunk in chunks {
            let length = Int(chunk.length)
            var agrees = false
            if length <= greatest, offset <= content.size, UInt64(length) <= content.size - offset {
                let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
                let count = offset < size ? try file.readAll(into: part, at: offset) : 0
                // What lies beyond the end so far is a hole to be.
                UnsafeMutableRawBufferPointer(rebasing: part[count...]).initializeMemory(as: UInt8.self, repeating: 0)
                agrees = SHA256.hash(UnsafeRawBufferPointer(part)) == chunk.hash
                if punching, agrees, UnsafeRawBufferPointer(part).isAllZero { _ = punch(offset, length) }
            }
            if agrees { note(offset, chunk.length) }
            good.append(agrees)
            offset += UInt64(length)
        }
        return good
    }
}

extension UnsafeRawBufferPointer {
    /// Whether every byte is zero.
    var isAllZero: Bool {
        let words = count / 8
        for index in 0..<words where loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) != 0 { return false }
        for index in (words * 8)..<count where self[index] != 0 { return false }
        return true
    }
}
