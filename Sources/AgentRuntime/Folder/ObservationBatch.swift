internal import SyncCore
internal import SyncEngine
internal import SyncModel

/// Observations on their way to the machine.
struct ObservationBatch: CustomStringConvertible {
    /// It began before the first look that is in it, and after the batch before it was taken: what was applied since is
    /// looked at again.
    private var batch: ObservedBatch
    private var paths: Set<RelativePath> = []
    /// What was told to be gone since the first look, in this batch or one that was taken: the latest of it.
    private(set) var gone: Set<RelativePath> = []
    var racy: [RelativePath] = []
    /// Bytes of content that were read for it.
    var bytes: UInt64 = 0
    private(set) var hasAbsent = false

    private static let bytesGreatest: UInt64 = 64 << 20

    init() { batch = ObservedBatch(begun: Moment.now().monotonicNanoseconds) }

    var isEmpty: Bool { batch.observations.isEmpty && batch.problems.isEmpty }
    var isFull: Bool {
        batch.observations.count >= Limits.waveRecords - 1 || batch.problems.count >= Limits.waveRecords
            || bytes >= Self.bytesGreatest
    }

    var description: String {
        batch.observations.map { observation in
            let kind: String =
                switch observation.found {
                case .absent: "absent"
                case .directory: "directory"
                case .symlink: "symlink"
                case .file(_, let content, _): "file \(content.hash.description.prefix(6))"
                }
            return "\(observation.path): \(kind)"
        }.joined(separator: ", ")
    }

    /// The first look at a path counts: a batch has one of each. But what was seen and went elsewhere since is gone.
    mutating func add(_ observation: Observation) {
        if observation.found == .absent {
            hasAbsent = true
            gone.insert(observation.path)
        }
        if paths.insert(observation.path).inserted { return batch.observations.append(observation) }
        guard observation.found == .absent,
            let index = batch.observations.firstIndex(where: { $0.path == observation.path && $0.found != .absent })
        else { return }
        batch.observations[index] = observation
    }

    /// Takes back of what is gone what is given.
    mutating func dropAbsent(where isDropped: (RelativePath) -> Bool) {
        let dropped = Set(batch.observations.lazy.filter { $0.found == .absent }.map(\.path).filter(isDropped))
        batch.observations.removeAll { dropped.contains($0.path) }
        paths.subtract(dropped)
        gone.subtract(dropped)
    }

    mutating func add(_ problem: Problem) { batch.problems.append(problem) }
    mutating func add(_ chunks: ContentChunks) { batch.chunks.append(chunks) }

    mutating func take() -> ObservedBatch {
        defer {
            let gone = gone.count < Limits.transactionItems ? gone : []
            self = ObservationBatch()
            self.gone = gone
        }
        batch.hasSecondLook = !racy.isEmpty
        return batch
    }
}
