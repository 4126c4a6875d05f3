internal import SyncModel

/// Where a directory that was moved away has gone.
enum Destination: Hashable {
    /// To be told when these paths are looked up.
    case unknown(Set<RelativePath>)
    /// The move is known, and not yet what it made: that is still on its way.
    case untold
    /// Nowhere: what it was moved to is gone, or is no directory, or moves lead back to it.
    case nowhere
    /// Its places, from the first to the last.
    case places([RelativePath])
}

extension PlanInput {
    /// What is to be at a path that was looked up.
    func record(_ path: RelativePath) -> FileRecord? { known[path].flatMap { $0.need?.target ?? $0.row?.record } }

    /// Follows the moves of a directory, and of the directories above where it went, as long as there are any.
    func destination(of directory: RelativePath) -> Destination {
        var places = [directory]
        var (place, next) = (directory, directory)
        var mover: Origin?
        var visited: Set<RelativePath> = []
        while true {
            guard known[next] != nil else { return .unknown(unknown(from: next)) }
            switch record(next)?.content {
            case .directory:
                guard let parent = next.parent else { return places.count > 1 ? .places(places) : .nowhere }
                next = parent
            case .deleted(let target?):
                guard visited.insert(next).inserted, let moved = try? place.rebased(from: next, to: target) else {
                    return .nowhere
                }
                mover = record(next)?.origin
                places.append(moved)
                (place, next) = (moved, target)
            case nil: return mover.map(hasToldAll) == true ? .nowhere : .untold
            case .file, .symlink, .deleted: return .nowhere
            }
        }
    }

    /// Whether what a move made would be known by now: a directory is told before a move to it is.
    private func hasToldAll(_ move: Origin) -> Bool {
        move.author == context.author || complete.contains(move.author.device) || covered.contains { $0.covers(move) }
    }

    private func unknown(from path: RelativePath) -> Set<RelativePath> {
        var paths: Set<RelativePath> = []
        var next: RelativePath? = path
        while let path = next {
            if known[path] == nil { paths.insert(path) }
            next = path.parent
        }
        return paths
    }

    /// What is to be looked up to let a need, or what lives below it, follow the move of a directory.
    func lookupsToFollow(_ need: Need) -> Set<RelativePath> {
        var paths: Set<RelativePath> = []
        func add(_ directory: RelativePath) {
            guard case .deleted(_?) = record(directory)?.content else { return }
            if case .unknown(let more) = destination(of: directory) { paths.formUnion(more) }
            // If something can't follow, all directories above it stay.
            paths.formUnion(unknown(from: directory))
        }
        if !need.target.isDeleted, let parent = need.path.parent { add(parent) }
        if case .staying(let living) = below[need.path] {
            add(need.path)
            paths.formUnion(living.filter { known[$0] == nil })
        }
        return paths
    }
}

/// Whether what lives in a directory goes where the directory was moved.
enum Followed: Hashable {
    /// It does, or waits for what is on its way.
    case follows
    /// The directory was not moved, or to nowhere.
    case nowhere
    /// It can't be carried there.
    case refused
}

extension Planner {
    /// What lives below a directory that is to go goes where the directory was moved, as far as it is listed: the
    /// directory waits for that.
    mutating func followMove(of need: Need) -> Followed {
        guard case .deleted(_?) = need.target.content, case .staying(let living) = below(need.path) else {
            return .nowhere
        }
        let destination = input.destination(of: need.path)
        guard case .places(let places) = destination else { return untold(need, destination) }
        var listed: Set<RelativePath> = [need.path]
        for path in living {
            // What lives below something else that goes is that one's matter.
            guard let parent = path.parent, listed.contains(parent), let child = input.record(path), !child.isDeleted
            else { continue }
            guard follow(child, along: places) else { return .refused }
            listed.insert(path)
        }
        wait(need, for: .followed)
        return .follows
    }

    /// What is to live in a directory that is gone goes where the directory was moved.
    mutating func followMove(of directory: RelativePath, with need: Need) -> Followed {
        guard case .deleted(_?) = input.record(directory)?.content else { return .nowhere }
        let destination = input.destination(of: directory)
        guard case .places(let places) = destination else { return untold(need, destination) }
        return follow(need.target, along: places) ? .follows : .refused
    }

    /// What is on its way is waited for.
    private mutating func untold(_ need: Need, _ destination: Destination) -> Followed {
        guard destination == .untold else { return .nowhere }
        wait(need, for: .followed)
        return .follows
    }

    /// A directory that stays because of what lives in it. What can't follow its move keeps those above it as well: it
    /// would follow their moves as soon as it is back, and come back again, for ever.
    mutating func stay(_ directory: RelativePath, _ followed: Followed) {
        guard followed != .follows else { return }
        keepAlive(directory)
        guard followed == .refused else { return }
        var next = directory.parent
        while let above = next, let record = input.record(above), record.isDeleted {
            keepAlive(above)
            next = above.parent
        }
    }

    private mutating func follow(_ child: FileRecord, along places: [RelativePath]) -> Bool {
        if followed.contains(child.path) { return true }
        guard let following = Following(child, along: places) else { return false }
        followed.insert(child.path)
        if let need = wave[child.path] { wait(need, for: .followed) }
        plan.followers += [following.arrived, following.left]
        return true
    }
}
