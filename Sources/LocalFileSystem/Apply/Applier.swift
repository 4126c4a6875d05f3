internal import CLinux
internal import Cryptography
internal import Synchronization
public import SyncModel

/// Carries out steps on the disk so that every path holds its old or its new content at every instant, and nothing that
/// a user wrote is lost, whoever else is at work in the folder. The sequences and why they are safe: <doc:Applying>.
///
/// Waves of one folder run one at a time.
public final class Applier: Sendable {
    let folder: OpenFolder
    let stage: Stage
    let history: History
    let features: FileSystemFeatures
    private let failPoint: FailPoint
    private let counter: Atomic<UInt64>

    public init(
        folder: OpenFolder, stage: Stage, history: History, features: FileSystemFeatures,
        failPoint: @escaping FailPoint = { _, _ in 0 }
    ) {
        self.folder = folder
        self.stage = stage
        self.history = history
        self.features = features
        self.failPoint = failPoint
        // Names of one run never meet those that an earlier one left.
        counter = Atomic(SecureRandom.number() >> 1)
    }

    /// Carries out `steps` in order. Staged contents are used up; one that several steps of the wave use is copied.
    /// - Parameters:
    ///   - seconds: now, since 1970: the day of the history and the suffix of its names.
    ///   - inline: the bytes behind the numbers of `ContentSource.inline`; nil makes the step fail with `.noSource`.
    /// - Throws: `.volumeChanged`, `.diskFull`, and what the flush of what is to replace others answers, before
    ///   anything was done. Everything else is an outcome.
    public func execute(
        _ steps: [ApplyStep], at seconds: Int64, inline: (UInt64) -> [UInt8]?
    ) throws(FileSystemError) -> WaveReport {
        try folder.verify()
        var bytes: UInt64 = 0
        for step in steps { if case .placeFile(.inline(_, let content), _) = step.action { bytes += content.size } }
        if bytes > 0 { try stage.requireRoom(bytes: bytes) }
        let wave = Wave(self, seconds: seconds)
        wave.countUses(in: steps)
        try wave.prepareReplacements(in: steps, inline)
        for index in steps.indices {
            let outcome: ApplyOutcome
            do throws(Stop) {
                let before = index > 0 ? steps[index - 1] : nil
                if steps[index].findsNoRoom(after: before, wave.report.outcomes.last) { throw Stop(.changed) }
                outcome = .applied(try wave.run(steps[index], index, inline))
            } catch {
                outcome = error.outcome
            }
            wave.report.outcomes.append(outcome)
        }
        wave.discardUnused()
        return wave.report
    }

    /// Makes everything done so far durable.
    /// - Throws: what the system answers. Afterwards nothing unflushed may be taken for stored: it must be staged and
    ///   applied again, because a repeated flush would succeed without having written it (rule 12).
    public func flush() throws(FileSystemError) {
        do throws(Errno) {
            try point(.flush, nil)
            try Errno.check(linux_syncfs(folder.root.descriptor.number))
        } catch {
            throw FileSystemError(error, "flush the changes in", "'\(folder.root.path)'")
        }
    }

    /// Writes out what can be, and takes the answers that earlier failures left: they say nothing of what comes.
    public func forgetFlushErrors() {
        for descriptor in [stage.directory, folder.root.descriptor.number] { _ = linux_syncfs(descriptor) }
    }

    func point(_ point: ApplyPoint, _ path: RelativePath?) throws(Errno) {
        let number = failPoint(point, path)
        if number != 0 { throw Errno(number: number) }
    }

    /// A number that no other name of this folder has.
    func unique() -> UInt64 { counter.wrappingAdd(1, ordering: .relaxed).newValue }

    static func pathNumber(_ path: RelativePath) -> UInt64 { SHA256.hash(path.bytes).prefix }
}
