import SyncModel

/// What a person did, and what he had seen then: kept beside the devices, who know nothing of it.
struct Deed: Hashable {
    /// Set of deeds; those of one device are bits of its own, in order.
    typealias Deeds = UInt64

    static let greatestPerDevice = 16

    let bit: Deeds
    let past: Deeds
    /// Whether it was neither a deletion nor a move.
    let isWriting: Bool
    /// What stood somewhere after it that had not stood there.
    let placed: Content?
    /// What he saw, and did away with.
    let destroyed: Content?

    var device: Int { bit.trailingZeroBitCount / Self.greatestPerDevice }

    func isConcurrent(with other: Deed) -> Bool {
        bit != other.bit && past & other.bit == 0 && other.past & bit == 0
    }
}
