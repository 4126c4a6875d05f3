import Chunking
import CLinux
import Glibc
import Synchronization
import SyncModel
import Testing

@testable import LocalFileSystem

/// A folder with stage, history and applier, in a temporary directory.
final class FolderFixture {
    static let identifier = FolderID(high: 7, low: 9)
    static let seconds: Int64 = 1_700_000_000
    let directory: TemporaryDirectory
    let path: String
    let folder: OpenFolder
    let stage: Stage
    let history: History
    private(set) var features: FileSystemFeatures

    convenience init(_ variant: FeatureVariant = .all, onDisk: Bool = false) throws {
        let directory = try onDisk ? TemporaryDirectory() : .inMemory()
        try directory.makeDirectory("folder")
        try self.init(directory, at: directory.path + "/folder", variant, creating: true)
    }

    /// One of many of a temporary directory, prepared for the cases.
    convenience init(_ variant: FeatureVariant, in directory: TemporaryDirectory, number: inout Int) throws {
        number += 1
        try directory.makeDirectory("\(number)/folder")
        try self.init(directory, at: "\(directory.path)/\(number)/folder", variant, creating: true)
        try ApplyCase.prepare(self)
    }

    /// The points that a step passes when nothing is in its way.
    static func points(of step: ApplyCase, _ variant: FeatureVariant) throws -> [ApplyPoint] {
        let fixture = try FolderFixture(variant)
        try ApplyCase.prepare(fixture)
        return try fixture.points(of: try step.step(fixture))
    }

    /// The points that a step passes here.
    func points(of step: ApplyStep) throws -> [ApplyPoint] {
        let passed = Mutex<[ApplyPoint]>([])
        _ = try run(step) { point, _ in
            passed.withLock { if !$0.contains(point) { $0.append(point) } }
            return 0
        }
        return passed.withLock { $0 }
    }

    init(_ directory: TemporaryDirectory, at path: String, _ variant: FeatureVariant, creating: Bool) throws {
        (self.directory, self.path) = (directory, path)
        folder = try OpenFolder(at: path, folder: FolderFixture.identifier, creating: creating)
        stage = Stage(of: folder)
        history = History(of: folder)
        features = variant.reduce(try folder.probe())
    }

    func applier(_ failPoint: @escaping FailPoint = { _, _ in 0 }) -> Applier {
        Applier(folder: folder, stage: stage, history: history, features: features, failPoint: failPoint)
    }

    func write(_ name: String, _ text: String) throws { try directory.write(own(name), text) }

    /// Relative to the temporary directory.
    func own(_ name: String) -> String { String(path.dropFirst(directory.path.count + 1)) + "/" + name }

    func state(_ name: String) throws -> DiskState {
        try #require(try folder.root.entry(at: RelativePath(name))?.state)
    }

    /// One step, carried out.
    func run(_ step: ApplyStep, _ failPoint: @escaping FailPoint = { _, _ in 0 }) throws -> WaveReport {
        try applier(failPoint).execute([step], at: FolderFixture.seconds) { ApplyCase.inline($0) }
    }

    /// One step that no writer is to stand in the way of. A child that another test starts holds all our descriptors
    /// until its exec, those of files just written too.
    func runAlone(_ step: ApplyStep) throws -> WaveReport {
        var report = try run(step)
        while report.outcomes == [.openForWriting] { report = try run(step) }
        return report
    }

    /// What stands at each path: `dir`, `file …` or `link …`.
    func image() throws -> [String: String] {
        var image: [String: String] = [:]
        for (path, state) in try NaiveTree.states(of: folder.root) {
            image[path.description] = FolderFixture.text(state.kind, self.path + "/" + path.description)
        }
        return image
    }

    static func text(_ kind: EntryKind, _ full: String) -> String {
        switch kind {
        case .directory: return "dir"
        case .symlink:
            var target = [UInt8](repeating: 0, count: 4_096)
            let count = linux_readlinkat(linux_AT_FDCWD, full, &target, target.count)
            return "link " + String(decoding: target.prefix(Int(max(count, 0))), as: UTF8.self)
        case .file, .other:
            let file = open(full, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = read(file, &bytes, bytes.count)
            return "file " + String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        }
    }

    /// What is in history.
    func kept() throws -> [String] {
        var kept: [String] = []
        try history.forEach { entry in
            let way = String(decoding: entry.directory + [47] + entry.way, as: UTF8.self)
            kept.append(FolderFixture.text(entry.state.kind, path + "/.lanyard/history/" + way))
        }
        return kept.sorted()
    }

    /// Names in the stage that are no whole content.
    func leftovers() throws -> [String] {
        try DirectoryListing.names(of: stage.directory).map { String(decoding: $0, as: UTF8.self) }
            .filter { $0.hasPrefix("swap") || $0.hasPrefix("new") || $0.hasSuffix("partial") }
    }

    /// What lies in the stage on its way, as it would stand at a path.
    func onItsWay() throws -> [String] {
        try leftovers().map { name in
            let kind = try EntryStat.of(Array(name.utf8), in: stage.directory)?.state.kind ?? .other
            return FolderFixture.text(kind, path + "/.lanyard/stage/" + name)
        }
    }
}

/// File systems that lack something (rule 11).
enum FeatureVariant: String, CaseIterable {
    case all, noExchange, noNoReplace, neither, noLeases, noUnnamedFiles, nothing

    func reduce(_ features: FileSystemFeatures) -> FileSystemFeatures {
        var reduced = features
        if [.noExchange, .neither, .nothing].contains(self) { reduced.exchanges = false }
        if [.noNoReplace, .neither, .nothing].contains(self) { reduced.refusesReplacing = false }
        if [.noLeases, .nothing].contains(self) { reduced.leases = false }
        if [.noUnnamedFiles, .nothing].contains(self) { reduced.unnamedFiles = false }
        return reduced
    }
}
