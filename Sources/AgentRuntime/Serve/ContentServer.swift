internal import LocalFileSystem
internal import SyncCore
internal import SyncModel
internal import TLSTransport
internal import WireProtocol

/// Answers requests for content: reads files straight into the frames that leave. Used on the connection's thread only,
/// which is why it needs no lock.
final class ContentServer: @unchecked Sendable {
    private struct Job {
        let request: ContentRequest
        var next: UInt64

        var end: UInt64 { request.offset + UInt64(request.length) }
        /// Bytes to send.
        var rest: Int { Int(end - next) }
        var subject: CompressionSubject {
            request.content.size <= UInt64(Limits.contentFrameBytes)
                ? .smallContents : .content(request.content.hash)
        }
    }

    /// What stands before the bytes of a frame, at most.
    private static let headerRoom = 64

    private struct Open {
        let folder: FolderID
        let content: FileContent
        let path: RelativePath
        let file: ServedFile
    }

    /// By priority; each in the order of arrival.
    private var jobs: [RequestPriority: ArraySlice<Job>] = [:]
    /// The file used last stands last.
    private var files: [Open] = []
    private var usedMilliseconds: UInt64 = 0
    private let packer = FramePacker()

    func add(_ request: ContentRequest) {
        jobs[request.priority, default: []].append(Job(request: request, next: request.offset))
    }

    func cancel(_ request: UInt32, for link: PeerLink) {
        for priority in RequestPriority.allCases {
            guard let index = jobs[priority]?.firstIndex(where: { $0.request.request == request }) else { continue }
            jobs[priority]?.remove(at: index)
            link.send(.requestFailed(RequestFailed(request: request, code: .cancelled)))
        }
    }

    func close() { (jobs, files) = ([:], []) }

    /// Writes the payload of the next frame; nil if nothing is asked for.
    func produce(
        into buffer: UnsafeMutableRawBufferPointer, for link: PeerLink
    ) -> (type: UInt8, length: Int)? {
        while let (_, job) = first {
            usedMilliseconds = MonotonicClock.milliseconds
            let subject = job.subject
            if let level = packer.level(of: subject, bytes: job.rest, for: link) {
                guard let count = pack(subject, room: packer.room(of: subject), for: link) else { return nil }
                guard count > 0 else { continue }
                guard let length = packer.compress(count, subject, level, into: buffer) else {
                    // What the session knows of can't be taken back; a frame of `Limits.frameBytes` always has room.
                    link.close(.overloaded, "There is no memory to compress with.")
                    return nil
                }
                return (MessageType.compressed.rawValue, length)
            }
            switch writeNext(into: buffer, for: link) {
            case .written(let length): return (MessageType.contentData.rawValue, length)
            case .failed: continue
            case .over: return nil
            }
        }
        if MonotonicClock.milliseconds - usedMilliseconds >= Limits.servedFileMilliseconds {
            files = []
            packer.rest()
        }
        return nil
    }

    /// Packs frames, the most urgent first, as long as they are of the subject and fit; the number of bytes,
    /// or nil once the session is over.
    private func pack(_ subject: CompressionSubject, room: Int, for link: PeerLink) -> Int? {
        var used = 0
        while let (_, job) = first, job.subject == subject,
            used == 0 || PackedFrames.headerBytes + Self.headerRoom + job.rest <= room - used
        {
            let header = UnsafeMutableRawBufferPointer(rebasing: packer.packed[used..<room])
            let body = UnsafeMutableRawBufferPointer(rebasing: header[PackedFrames.headerBytes...])
            switch writeNext(into: body, for: link) {
            case .written(let count):
                PackedFrames.writeHeader(type: MessageType.contentData.rawValue, count: count, to: header)
                used += PackedFrames.headerBytes + count
            case .failed: continue
            case .over: return nil
            }
        }
        return used
    }

    /// The most urgent job that came first.
    private var first: (priority: RequestPriority, job: Job)? {
        for priority in RequestPriority.allCases {
            if let job = jobs[priority]?.first { return (priority, job) }
        }
        return nil
    }

    private enum Written {
        case written(Int)
        /// The requester was told.
        case failed
        /// The session is over.
        case over
    }

    /// Writes the next frame of the first job, and is done with the job if that was its last or can't be made.
    private func writeNext(into buffer: UnsafeMutableRawBufferPointer, for link: PeerLink) -> Written {
        guard let (priority, found) = first, let place = jobs[priority]?.startIndex else { return .over }
        var job = found
        do throws(RequestFailure) {
            let length = try write(&job, into: buffer, for: link)
            if job.next == job.end { jobs[priority]?.removeFirst() } else { jobs[priority]?[place] = job }
            return length.map { .written($0) } ?? .over
        } catch {
            jobs[priority]?.removeFirst()
            drop(job.request)
            link.send(.requestFailed(RequestFailed(request: job.request.request, code: error)))
            return .failed
        }
    }

    /// Writes one frame and moves the job on. What the session is told has been read already: its order can't be taken
    /// back.
    private func write(
        _ job: inout Job, into buffer: UnsafeMutableRawBufferPointer, for link: PeerLink
    ) throws(RequestFailure) -> Int? {
        let file = try file(job.request, for: link)
        let count = Int(min(UInt64(min(Limits.contentFrameBytes, buffer.count - Self.headerRoom)), job.end - job.next))
        let last = job.next + UInt64(count) == job.end
        let number = job.request.request
        guard let header = try? ContentData.header(request: number, offset: job.next, last: last, count: count) else {
            throw .refused
        }
        let body = UnsafeMutableRawBufferPointer(rebasing: buffer[header.count..<(header.count + count)])
        guard let read = try? file.file.read(into: body, at: job.next) else { throw .unreadable }
        if read < count || (last && !file.isUnchanged) { throw .changed }
        guard link.noteContent(request: number, offset: job.next, last: last, count: count) else { return nil }
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<header.count]).copyBytes(from: header)
        job.next += UInt64(count)
        return header.count + count
    }

    /// The open file for a request, from those used lately or opened now.
    private func file(_ request: ContentRequest, for link: PeerLink) throws(RequestFailure) -> ServedFile {
        if let index = files.lastIndex(where: { $0.content == request.content && $0.folder == request.folder }) {
            let open = files[index]
            if index != files.count - 1 {
                files.remove(at: index)
                files.append(open)
            }
            return open.file
        }
        guard let services = link.services(request.folder) else { throw .busy }
        let file = try services.open(request.content, at: request.path).get()
        if files.count >= Limits.servedFiles { files.removeFirst() }
        files.append(Open(folder: request.folder, content: request.content, path: request.path, file: file))
        return file
    }

    private func drop(_ request: ContentRequest) {
        files.removeAll { $0.content == request.content && $0.folder == request.folder }
    }
}
