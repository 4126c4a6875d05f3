internal import SyncModel

extension Plan {
    /// The plan of one wave. `input.lookups` must be empty.
    public init(_ input: PlanInput) {
        var planner = Planner(input)
        planner.run()
        self = planner.plan
    }
}

/// Builds a plan: what makes entries in path order, so parents come first; then what removes them in the reverse
/// order, so directories come last. Nothing that is made depends on a removal: a rename goes to free places only, and
/// files are exchanged.
struct Planner {
    let input: PlanInput
    let wave: [RelativePath: Need]
    var plan: Plan
    /// Directories that hold something live, or will after this wave.
    var kept: Set<RelativePath> = []
    /// Needs that are completed.
    var done: Set<RelativePath> = []
    /// What follows the move of its directory.
    var followed: Set<RelativePath> = []
    /// Where the directories went that this wave renames, with all below them.
    var places: [RelativePath: RelativePath] = [:]
    /// How many live rows below a directory this wave deletes.
    var gone: [RelativePath: Int] = [:]
    /// Needs by the path where their content stands: conflict copies of it and moves from it.
    let takers: [RelativePath: [Need]]

    init(_ input: PlanInput) {
        self.input = input
        wave = input.waveNeeds
        plan = Plan(context: input.context)
        var known = wave
        for (path, other) in input.known where known[path] == nil { known[path] = other.need }
        var takers: [RelativePath: [Need]] = [:]
        for need in known.values.sorted(by: { $0.path < $1.path }) {
            if let path = need.target.conflictOf { takers[path, default: []].append(need) }
            if let path = need.target.movedFrom?.path { takers[path, default: []].append(need) }
        }
        self.takers = takers
    }

    mutating func run() {
        let needs = wave.values.sorted { $0.path < $1.path }
        for need in needs where !need.target.isDeleted || below(need.path).isStaying { keep(need) }
        for need in needs {
            if isRemoval(need), kept.contains(need.path) { stay(need.path, followMove(of: need)) }
            if !need.target.isDeleted, let parent = need.path.parent, isLost(parent) {
                stay(parent, followMove(of: parent, with: need))
            }
        }
        for need in needs where isOpen(need) && !need.target.isDeleted && !isRemoval(need) { make(need) }
        for need in needs.reversed() where isOpen(need) && (need.target.isDeleted || isRemoval(need)) { remove(need) }
    }

    private func isOpen(_ need: Need) -> Bool { !done.contains(need.path) && plan.waiting[need.path] == nil }

    // MARK: What is known

    func row(_ path: RelativePath) -> IndexRow? { input.known[path]?.row }
    func disk(_ path: RelativePath) -> DiskState? { row(path)?.disk }
    func below(_ path: RelativePath) -> BelowDirectory { input.below[path] ?? .nothing }

    /// Whether the need takes a directory from the disk, to put something else there or nothing.
    func isRemoval(_ need: Need) -> Bool {
        disk(need.path)?.kind == .directory && !need.target.content.isDirectory
    }

    /// Whether something is to live in a directory that is deleted, or that is no directory, and is to stay so.
    private func isLost(_ directory: RelativePath) -> Bool {
        let record = (wave[directory] ?? input.known[directory]?.need)?.target ?? row(directory)?.record
        // Nobody has told of it: it was renamed before anyone looked at it under this name.
        guard let record else { return input.known[directory] != nil }
        return !record.content.isDirectory && disk(directory)?.kind != .directory
    }

    private mutating func keep(_ need: Need) {
        let keepsItself = need.target.content.isDirectory || below(need.path).isStaying
        var next = keepsItself ? need.path : need.path.parent
        while let directory = next, kept.insert(directory).inserted { next = directory.parent }
    }

    // MARK: Results

    mutating func wait(_ need: Need, for reason: PlanWait) {
        plan.waiting[need.path] = reason
    }

    mutating func add(_ need: Need, left: Need? = nil, _ steps: [ApplyStep]) {
        let range = plan.steps.count..<(plan.steps.count + steps.count)
        let item = PlanItem(need: need, left: left, steps: range, row: row(need.path))
        for path in item.paths {
            done.insert(path)
            if wave[path]?.target.isDeleted ?? false, let row = row(path), !row.record.isDeleted { countGone(path) }
        }
        if steps.isEmpty { return plan.unchanged.append(item) }
        plan.steps += steps
        plan.items.append(item)
    }

    private mutating func countGone(_ path: RelativePath) {
        var next = path.parent
        while let directory = next {
            gone[directory, default: 0] += 1
            next = directory.parent
        }
    }

    /// Moves lead away from here and back, as of a file that devices moved to and fro at once: it stands at no other
    /// end, and stays here, as an edit that has seen what would remove it.
    mutating func keepFile(_ need: Need, _ row: IndexRow) {
        wait(need, for: .keptAlive)
        var record = row.record
        record.origin = plan.context.nextOrigin()
        record.version = record.version.joined(with: need.target.version).joined(with: VersionVector(record.origin))
        record.edits = 1 + max(record.edits, need.target.edits)
        (record.movedFrom, record.conflictOf) = (nil, nil)
        plan.keepAlive.append(KeepAlive(record: record, displaced: nil))
    }

    /// The directory stays or comes back: an edit that has seen what would remove it.
    mutating func keepAlive(_ path: RelativePath) {
        let need = wave[path] ?? input.known[path]?.need
        if let need { wait(need, for: .keptAlive) }
        guard !plan.keepAlive.contains(where: { $0.record.path == path }) else { return }
        let known = [row(path)?.record, need?.target].compactMap { $0 }
        let origin = plan.context.nextOrigin()
        var version = VersionVector(origin)
        for record in known { version = version.joined(with: record.version) }
        var record = FileRecord(
            path: path, content: .directory, version: version, origin: origin,
            edits: 1 + (known.map(\.edits).max() ?? 0))
        let old = known.first { $0.content.isDirectory }
        record.mode = old?.mode ?? Stamped(.directory, at: Stamp(counter: 0, device: origin.author.device))
        record.attributes = old?.attributes ?? []
        let displaced = known.last.flatMap { $0.isDeleted || $0.content.isDirectory ? nil : $0 }
        plan.keepAlive.append(KeepAlive(record: record, displaced: displaced))
    }
}
