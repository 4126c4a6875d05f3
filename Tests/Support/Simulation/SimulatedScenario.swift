import SimulatedFolder

/// Kinds of histories, by what goes wrong in them.
package enum SimulatedScenario: String, CaseIterable, Sendable {
    /// A few edits of a common tree.
    case ordinary
    /// People edit, links come and go.
    case calm
    /// Processes end at any instant.
    case crashes
    /// As that, and the disk, the index and transfers fail now and then.
    case failures
    /// As that, and indices are lost.
    case lostIndices = "lost-indices"
    /// As failures, where hardly anything may be deleted unasked, and people answer.
    case asking
    /// As that, and indices are lost.
    case askingLostIndices = "asking-lost-indices"
    /// As failures, and records are lost, from batches and from indices.
    case forgetting
    /// As calm, where one device may only read.
    case reading
    /// As that, with failures and lost indices.
    case readingLostIndices = "reading-lost-indices"
    /// One user renames directories, all make things in them.
    case rearranging
    /// As failures, and the power fails.
    case powerLoss = "power-loss"
    /// Only one user, who edits quickly.
    case alone
    /// Up to six devices, networks that part, links that one side believes in, months of sleep, wrong clocks, files
    /// that can't be read, and all that fails in failures; people also append, truncate, exchange, and restore backups.
    case storms
    /// As that, and the power fails: what was not flushed reaches the disk in any order.
    case disks
    /// Indices that are put back to older copies of themselves.
    case oldIndices = "old-indices"
    /// As that, in folders that have lost the marks that would tell.
    case unmarkedIndices = "unmarked-indices"
    /// Devices that are copied to other machines, index and identity with them.
    case clones
    /// Members that are removed, and are members again.
    case removals

    private func troubled(_ seed: UInt64) -> RandomHistory {
        let usual: [Trouble] = [.halfOpenLinks, .partitions, .sleep, .clocks, .unreadableFiles]
        switch self {
        case .disks:
            var history = RandomHistory.troubled(seed: seed, by: usual, interference: .everything)
            history.losesPower = true
            for index in history.world.devices.indices { history.world.devices[index].mixesInstants = true }
            return history
        case .oldIndices:
            return .troubled(seed: seed, by: [.oldIndices, .halfOpenLinks], interference: Interference())
        case .unmarkedIndices:
            return .troubled(seed: seed, by: [.unmarkedIndices, .halfOpenLinks], interference: Interference())
        case .clones: return .troubled(seed: seed, by: [.clones, .halfOpenLinks], interference: Interference())
        case .removals: return .troubled(seed: seed, by: [.removals], interference: Interference())
        default: return .troubled(seed: seed, by: usual, interference: .everything)
        }
    }

    package func history(seed: UInt64) -> any SimulatedHistory {
        switch self {
        case .ordinary: return OrdinaryHistory(seed: seed)
        case .calm: return RandomHistory(seed: seed, interference: Interference(), crashes: false)
        case .crashes: return RandomHistory(seed: seed, interference: Interference(), crashes: true)
        case .failures: return RandomHistory(seed: seed, interference: .everything, crashes: true)
        case .lostIndices:
            return RandomHistory(seed: seed, interference: .everything, crashes: true, lossesPercent: 50)
        case .asking: return RandomHistory.asking(seed: seed)
        case .askingLostIndices: return RandomHistory.asking(seed: seed, lossesPercent: 50)
        case .forgetting: return RandomHistory.forgetting(seed: seed)
        case .reading: return RandomHistory.reading(seed: seed, disturbed: false)
        case .readingLostIndices: return RandomHistory.reading(seed: seed, disturbed: true)
        case .rearranging:
            var history = RandomHistory(seed: seed, interference: Interference(), crashes: false)
            history.isRearranging = true
            return history
        case .powerLoss:
            var history = RandomHistory(seed: seed, interference: .everything, crashes: true)
            history.losesPower = true
            return history
        case .alone: return LoneUserHistory(seed: seed)
        case .storms, .disks, .oldIndices, .unmarkedIndices, .clones, .removals:
            return troubled(seed)
        }
    }
}
