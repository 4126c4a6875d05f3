internal import Chunking
internal import LocalFileSystem
internal import SyncCore
internal import SyncModel

/// One request's answer as it comes in: cuts it into chunks, verifies and writes each. Used on the connection's thread.
final class Incoming: @unchecked Sendable {
    /// What the bytes become.
    enum Target {
        /// A content of one request, gathered in memory.
        case whole
        /// Chunks of a larger content, written as they come.
        case chunks(PartialFile, ChunkList)
        case node
    }

    let request: FetchRequest
    let target: Target
    /// The beginning of the chunk that the last bytes did not complete.
    private var carry: [UInt8] = []
    private var next = 0
    private var offset: UInt64 = 0

    init(_ request: FetchRequest, _ target: Target) {
        (self.request, self.target) = (request, target)
        if case .chunks(let span, _) = request.item { (next, offset) = (span.chunks.lowerBound, span.offset) }
    }

    /// The bytes of a content of one request, after the last of them has come.
    var bytes: [UInt8] { carry }

    /// Takes the next bytes; how many chunks were verified and written.
    /// - Throws: `.wrongContent`, and what writing throws.
    func add(_ bytes: ArraySlice<UInt8>) throws(FileSystemError) -> Int {
        guard case .chunks(let partial, let list) = target else {
            carry += bytes
            return 0
        }
        let result = bytes.withUnsafeBytes { buffer -> Result<Int, FileSystemError> in
            do throws(FileSystemError) { return .success(try write(buffer, partial, list)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func write(
        _ bytes: UnsafeRawBufferPointer, _ partial: PartialFile, _ list: ChunkList
    ) throws(FileSystemError) -> Int {
        var rest = bytes
        var count = 0
        while !rest.isEmpty, next < list.count {
            let chunk = list[next]
            let length = Int(chunk.length)
            let taken = min(length - carry.count, rest.count)
            let part = UnsafeRawBufferPointer(rebasing: rest[..<taken])
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            if taken == length {
                try partial.write(part, chunk: chunk, at: offset)
            } else {
                carry.append(contentsOf: part)
                guard carry.count == length else { break }
                try partial.write(carry, chunk: chunk, at: offset)
                carry.removeAll(keepingCapacity: true)
            }
            next += 1
            offset += UInt64(length)
            count += 1
        }
        return count
    }
}
