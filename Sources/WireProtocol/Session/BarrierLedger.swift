import SyncModel

/// The barriers of one side that are not yet reached. Like `RequestLedger`, kept for both directions.
struct BarrierLedger: Hashable, Sendable {
    private(set) var open: Set<Barrier> = []

    mutating func ask(_ barrier: Barrier) throws(WireError) {
        guard open.count < Limits.barriers else {
            throw WireError(.tooMany, "More than \(Limits.barriers) barriers are under way.")
        }
        guard open.insert(barrier).inserted else {
            throw WireError(.tooMany, "The barrier \(barrier.token) is under way already.")
        }
    }

    mutating func reach(_ reached: BarrierReached) throws(WireError) {
        guard open.remove(Barrier(folder: reached.folder, token: reached.token)) != nil else {
            throw WireError(.unrequested, "The barrier \(reached.token) was not asked for.")
        }
    }
}
