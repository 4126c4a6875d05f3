import SyncCore
import SyncModel

/// What a durable change leads to, and what is taken back when it could not be made durable.
extension PeersMachine {
    mutating func stored(_ ticket: Ticket) {
        guard let pending = pending.removeValue(forKey: ticket) else { return }
        switch pending {
        case .nothing, .madeFolder: break
        case .memberships(let folder, let records, let source, let command):
            membershipsStored(records, of: folder, from: source)
            guard records.allSatisfy({ own[folder]?.set.contains($0.hash) ?? false }) else {
                return refuse(command, .storage, "A change that this one follows could not be stored.")
            }
            reply(command, .success(.done))
        case .removedDevice(let command, let device, let records): deviceRemoved(device, records, command)
        case .paired(let pairing, let view, let device, let folder, let records):
            pairingStored(pairing, view, device, folder, records)
        case .joined(let join, _, let change, let device): joinStored(join, change, device)
        case .admitted(let connection, _, let device, let folder, let role, let records):
            admissionStored(connection, device, folder, role, records)
        case .folder(let command, let change):
            adopt(change)
            reply(command, .success(.folder(own[change.known.folder]?.known ?? change.known)))
        case .changedFolder(let command, let before):
            guard let known = own[before.folder]?.known else {
                return refuse(command, .notFound, "The folder was removed meanwhile.")
            }
            emit(.folderChanged(known))
            reply(command, .success(.folder(known)))
        case .removedFolder(let command, let folder): folderRemoved(folder, command)
        case .invited(let command, let view, let invite):
            invites[invite.id] = invite
            reply(command, .success(.invited(view)))
        case .changedDevice(let command, _): reply(command, .success(.done))
        }
    }

    mutating func storeFailed(_ ticket: Ticket, _ message: String) {
        guard let pending = pending.removeValue(forKey: ticket) else { return }
        emit(.notice("A change could not be stored: \(message)"))
        switch pending {
        case .nothing: break
        case .memberships(let folder, let records, _, nil): receivedNotStored(records, of: folder)
        case .memberships(let folder, let records, _, let command):
            unstage(records, of: folder)
            refuse(command, .storage, message)
        case .removedDevice(let command, _, let records):
            for (folder, records) in records { unstage(records, of: folder) }
            refuse(command, .storage, message)
        case .paired(let pairing, _, _, let folder, let records):
            if let folder { unstage(records, of: folder) }
            pairingNotStored(pairing, message)
        case .joined(let join, let connection, _, _): joinNotStored(join, connection, message)
        case .admitted(let connection, let invite, _, let folder, _, let records):
            admissionNotStored(connection, invite, folder, records)
        case .folder(let command, _): refuse(command, .storage, message)
        case .changedFolder(let command, let before):
            own[before.folder]?.known.name = before.name
            own[before.folder]?.known.isPaused = before.isPaused
            refuse(command, .storage, message)
        case .madeFolder(let before):
            own[before.folder]?.known.isMade = before.isMade
            own[before.folder]?.known.replaces = before.replaces
            let retry = nextStoreTime
            own[before.folder]?.nextMade = retry
        case .removedFolder(let command, _), .invited(let command, _, _): refuse(command, .storage, message)
        case .changedDevice(let command, let before):
            peers[before.device]?.known = before
            refuse(command, .storage, message)
        }
    }
}
