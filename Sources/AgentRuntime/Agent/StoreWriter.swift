internal import Logging
internal import SQLiteIndex
internal import SyncCore
internal import SyncEngine
internal import SyncModel
internal import WireProtocol

/// Makes durable what the machine wants stored, in order, on a thread of its own.
final class StoreWriter: Sendable {
    private let store: DeviceStore
    private let thread: WorkerThread
    private let logger: Logger

    init(_ store: DeviceStore, logger: Logger) throws(AgentError) {
        (self.store, self.logger) = (store, logger)
        thread = try WorkerThread(name: "store")
    }

    func write(_ changes: [StoreChange], ticket: Ticket, post: @escaping @Sendable (PeersEvent) -> Void) {
        let isTaken = thread.post { [self] in
            do {
                try store.atomically { for change in changes { try write(change) } }
                post(.stored(ticket))
            } catch {
                logger.error("the store refused a change", metadata: ["error": "\(error)"])
                post(.storeFailed(ticket, message: "\(error)"))
            }
        }
        if !isTaken { post(.storeFailed(ticket, message: "Too much waits to be stored.")) }
    }

    /// Blocks while too much waits to be stored.
    /// - Parameter stored: called when it is durable, or with what stands in the way.
    func set(_ key: String, to value: String?, stored: @escaping @Sendable (IndexError?) -> Void = { _ in }) {
        let isTaken = thread.postWaiting { [self] in
            do throws(IndexError) {
                try store.set(key, to: value)
                stored(nil)
            } catch {
                logger.error("a setting was not stored", metadata: ["error": "\(error)"])
                stored(error)
            }
        }
        if !isTaken { stored(IndexError(.refused, "The store is being closed.")) }
    }

    /// Ends once all that was given is stored.
    func stop() { thread.finish() }

    private func write(_ change: StoreChange) throws {
        switch change {
        case .putDevice(let device): try store.put(PairedDevice(device))
        case .addFolder(let folder): try store.put(StoredFolder(folder))
        case .changeFolder(let folder): try store.change(StoredFolder(folder))
        case .rekeyFolder(let old, let folder): try store.rekey(old, as: StoredFolder(folder))
        case .removeFolder(let folder): try store.removeFolder(folder)
        case .addMemberships(let records): try store.add(records.map(StoredMembership.init(_:)))
        case .addInvite(let invite): try store.add(StoredInvite(invite))
        case .useInvite(let invite, let device):
            guard try store.useInvite(invite.bytes, by: device) else {
                throw IndexError(.refused, "The invite was used by another device.")
            }
        case .removeInvites(let seconds): try store.removeInvites(expiredBefore: seconds)
        }
    }
}

extension DeviceStore {
    /// What the machine begins with.
    func peersStore() throws -> PeersStore {
        let folders = try folders()
        var memberships: [KnownMembership] = []
        for folder in folders {
            for stored in try self.memberships(of: folder.folder) {
                memberships.append(
                    KnownMembership(hash: stored.hash, record: try MembershipRecord(encoded: stored.record)))
            }
        }
        return PeersStore(
            devices: try devices().map(KnownDevice.init), folders: folders.map(KnownFolder.init),
            memberships: memberships, invites: try invites().compactMap(KnownInvite.init))
    }
}

extension PairedDevice {
    init(_ known: KnownDevice) {
        self.init(
            device: known.device, name: known.name, publicKey: known.publicKey, addresses: known.addresses,
            pairedSeconds: known.pairedSeconds, seenSeconds: known.seenSeconds, isRemoved: known.isRemoved)
    }
}

extension KnownDevice {
    init(_ stored: PairedDevice) {
        self.init(
            device: stored.device, name: stored.name, publicKey: stored.publicKey, addresses: stored.addresses,
            pairedSeconds: stored.pairedSeconds, seenSeconds: stored.seenSeconds, isRemoved: stored.isRemoved)
    }
}

extension StoredFolder {
    init(_ known: KnownFolder) {
        self.init(
            folder: known.folder, name: known.name, path: known.path, role: known.role, isPaused: known.isPaused,
            createdSeconds: known.createdSeconds, incarnation: known.incarnation, isNeverShared: known.isNeverShared,
            isMade: known.isMade, replaces: known.replaces)
    }
}

extension KnownFolder {
    init(_ stored: StoredFolder) {
        self.init(
            folder: stored.folder, name: stored.name, path: stored.path, role: stored.role, isPaused: stored.isPaused,
            createdSeconds: stored.createdSeconds, incarnation: stored.incarnation,
            isNeverShared: stored.isNeverShared, isMade: stored.isMade, replaces: stored.replaces)
    }
}

extension StoredInvite {
    init(_ known: KnownInvite) {
        self.init(
            id: known.id.bytes, secretHash: known.secretHash, folder: known.folder, role: known.role,
            expiresSeconds: known.expiresSeconds, usedBy: known.usedBy)
    }
}

extension KnownInvite {
    init?(_ stored: StoredInvite) {
        guard let id = Bytes16(stored.id) else { return nil }
        self.init(
            id: id, secretHash: stored.secretHash, folder: stored.folder, role: stored.role,
            expiresSeconds: stored.expiresSeconds, usedBy: stored.usedBy)
    }
}

extension StoredMembership {
    init(_ known: KnownMembership) throws {
        self.init(folder: known.record.folder, hash: known.hash, record: try known.record.encoded())
    }
}
