internal import LocalFileSystem
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
    }

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
        while let priority = RequestPriority.allCases.first(where: { jobs[$0]?.isEmpty == false }),
            var job = jobs[priority]?.first
        {
            usedMilliseconds = MonotonicClock.milliseconds
            do throws(RequestFailure) {
                let length = try write(&job, into: buffer, for: link)
                if job.next == job.end { jobs[priority]?.removeFirst() } else { replaceFirst(job, priority) }
                // Nil: the session is over.
                return length.map { (MessageType.contentData.rawValue, $0) }
            } catch {
                jobs[priority]?.removeFirst()
                drop(job.request)
                link.send(.requestFailed(RequestFailed(request: job.request.request, code: error)))
            }
        }
        if !files.isEmpty, MonotonicClock.milliseconds - usedMilliseconds >= Limits.servedFileMilliseconds {
            files = []
        }
        return nil
    }

    private func replaceFirst(_ job: Job, _ priority: RequestPriority) {
        guard let first = jobs[priority]?.startIndex else { return }
        jobs[priority]?[first] = job
    }

    /// Writes one frame and moves the job on. What the session is told has been read already: its order can't be taken
    /// back.
    private func write(
        _ job: inout Job, into buffer: UnsafeMutableRawBufferPointer, for link: PeerLink
    ) throws(RequestFailure) -> Int? {
        let file = try file(job.request, for: link)
        let count = Int(min(UInt64(min(Limits.contentFrameBytes, buffer.count - 64)), job.end - job.next))
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
