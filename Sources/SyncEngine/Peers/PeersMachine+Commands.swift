import SyncModel
import WireProtocol

extension PeersMachine {
    mutating func carryOut(_ request: PeersCommand, for command: CommandID) {
        switch request {
        case .startPairing(let selection): startPairing(selection, command)
        case .listPairings: reply(command, .success(.pairings(pairingViews)))
        case .confirmPairing(let session, let answer, let folder): confirm(session, answer, folder, command)
        case .cancelPairing(let session): cancelPairing(session, command)
        case .invite(let folder, let role, let lifetime): invite(folder, role, lifetime, command)
        case .join(let link, let path): join(link, path, command)
        case .addFolder(let name, let path, let isPaused): addFolder(name, path, isPaused, command)
        case .renameFolder(let folder, let name): renameFolder(folder, name, command)
        case .setPaused(let folder, let isPaused): setPaused(folder, isPaused, command)
        case .acceptFolder(let folder, let path): acceptFolder(folder, path, command)
        case .removeFolder(let folder): removeFolder(folder, command)
        case .shareFolder(let folder, let device, let role): shareFolder(folder, device, role, command)
        case .removeMember(let folder, let device, let frontier): removeMember(folder, device, frontier, command)
        case .removeDevice(let device, let frontiers): removeDevice(device, frontiers, command)
        case .renameDevice(let device, let name): renameDevice(device, name, command)
        case .addAddress(let device, let address): addAddress(device, address, command)
        }
    }

    /// Nobody waits any more: what only the command wanted ends.
    mutating func abandoned(_ command: CommandID) {
        if let wish, wish.command == command, !wish.isAnswered {
            endPairing(.declined, PeersError(.cancelled, "Given up."))
        }
        if let join = joins[command], !join.isStoring { joins[command] = nil }
        if pairing?.confirmation == command { pairing?.confirmation = nil }
    }
}
