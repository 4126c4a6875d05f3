/// All histories of so many devices at so many paths, of so many events.
///
/// Counted is each sequence of events in which each one changes something and devices appear in their order: which one
/// is called the first decides nothing but ties, for which it can be done again with the identities in the other order.
/// Sequences that lead to the same state go on alike, so each state is looked at once, and each of its continuations.
package struct SmallScope {
    /// What was found of one depth.
    package struct Count: Equatable {
        package var depth: Int
        /// Histories of exactly this depth; nil where time ran out before all were counted.
        package var histories: UInt64?
        /// States that were checked so far.
        package var states: Int
    }

    package struct Failure {
        package var history: [ScopeEvent]
        package var broken: [String]
    }

    /// What is known not to hold: in how many states, and the first history that led to one.
    package struct Known {
        package var states: Int
        package var history: [ScopeEvent]
    }

    private struct Key: Hashable {
        let state: Int
        let left: Int
    }

    private let devices: Int
    private let paths: Int
    private let isReversed: Bool
    private let events: [ScopeEvent]
    /// Whether to go on; asked once a state.
    private let mayGoOn: () -> Bool
    private var checked: Set<Int> = []
    private var counted: [Key: UInt64] = [:]
    private var history: [ScopeEvent] = []
    private var isOver = false
    /// The first failures, with the shortest histories.
    package private(set) var failures: [Failure] = []
    package private(set) var known: [Limitation: Known] = [:]
    package private(set) var counts: [Count] = []

    package init(devices: Int, paths: Int, isReversed: Bool = false, mayGoOn: @escaping () -> Bool = { true }) {
        (self.devices, self.paths, self.isReversed, self.mayGoOn) = (devices, paths, isReversed, mayGoOn)
        events = ScopeEvent.all(devices: devices, paths: paths)
    }

    /// Depth by depth, until a depth, the end of the time, or a failure.
    package mutating func run(depth: Int) {
        for depth in 1...max(1, depth) where !isOver && failures.isEmpty {
            counted = [:]
            let world = SmallWorld(devices: devices, isReversed: isReversed)
            let found = histories(world, appeared: 0, left: depth)
            counts.append(Count(depth: depth, histories: isOver ? nil : found, states: checked.count))
        }
    }

    /// How many histories of `left` events begin in this state.
    private mutating func histories(_ world: SmallWorld, appeared: Int, left: Int) -> UInt64 {
        if isOver || failures.count > 4 { return 0 }
        var hasher = Hasher()
        world.hash(into: &hasher)
        hasher.combine(appeared)
        let state = hasher.finalize()
        if checked.insert(state).inserted {
            isOver = !mayGoOn()
            let verdict = world.verdict(paths: paths)
            if !verdict.broken.isEmpty { failures.append(Failure(history: history, broken: verdict.broken)) }
            for limitation in verdict.known {
                known[limitation, default: Known(states: 0, history: history)].states += 1
            }
        }
        if left == 0 { return 1 }
        if let known = counted[Key(state: state, left: left)] { return known }
        var count: UInt64 = 0
        for event in events {
            guard let appeared = Self.appeared(event, after: appeared) else { continue }
            var next = world
            guard next.happen(event) else { continue }
            history.append(event)
            count += histories(next, appeared: appeared, left: left - 1)
            history.removeLast()
        }
        counted[Key(state: state, left: left)] = count
        return count
    }

    /// How many devices have appeared after the event; nil where a later one would appear before an earlier one.
    private static func appeared(_ event: ScopeEvent, after appeared: Int) -> Int? {
        var count = appeared
        for device in event.devices {
            if device > count { return nil }
            if device == count { count += 1 }
        }
        return count
    }
}
