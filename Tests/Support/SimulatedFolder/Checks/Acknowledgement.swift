import SyncEngine
import SyncModel

extension SimulatedWorld {
    /// Whoever is connected has read and acknowledged all of each other's log, and was told so.
    mutating func checkAcknowledgement() {
        for link in links {
            for side in 0..<2 {
                let (one, other) = (devices[link.devices[side]], devices[link.devices[1 - side]])
                let head = one.index.mark.sequence
                let peer = other.index.peers[one.id]
                if peer?.receivedSequence ?? 0 != head {
                    failures.append("\(other.name) has \(peer?.receivedSequence ?? 0) of \(head) of \(one.name)")
                }
                guard let seen = one.machine?.status.members.first(where: { $0.member.device == other.id }) else {
                    continue
                }
                if seen.needFiles != 0 || seen.isUnflushed || seen.rootDigest != other.index.digest.live {
                    failures.append("\(one.name) was not told how \(other.name) stands: \(seen)")
                }
                let acknowledged = one.acknowledged[other.id] ?? 0
                if acknowledged != head {
                    failures.append("\(other.name) acknowledged \(acknowledged) of \(head) of \(one.name)")
                }
            }
        }
    }
}
