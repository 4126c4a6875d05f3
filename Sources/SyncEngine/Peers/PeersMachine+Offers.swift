import SyncCore
import SyncModel
import WireProtocol

/// Folders on a connection: what we offer, what the other side offers, and when a folder is open on both sides.
extension PeersMachine {
    /// Whether both of us are members, as far as is durable here.
    func shares(_ folder: FolderID, with device: DeviceID) -> Bool {
        guard let set = own[folder]?.set else { return false }
        return set.member(identity.device) != nil && set.member(device) != nil
    }

    // MARK: Ours

    /// Offers each common folder once, with all its records, and opens what both sides have offered.
    mutating func offerFolders(on connection: ConnectionID) {
        guard let state = links[connection], state.isPaired, !state.isClosing else { return }
        for folder in own.keys.sorted() where shares(folder, with: state.link.device) {
            if !state.offeredHere.contains(folder), let known = own[folder]?.known,
                let records = own[folder]?.set.records
            {
                links[connection]?.offeredHere.insert(folder)
                for part in Self.parts(records.map(\.record), bytes: Limits.batchBytes) {
                    send(
                        .folderOffer([FolderOffer(folder: folder, name: known.name, records: part)]), on: connection)
                }
            }
            openIfOffered(folder, on: connection)
        }
    }

    private mutating func openIfOffered(_ folder: FolderID, on connection: ConnectionID) {
        guard let state = links[connection], state.isPaired, !state.isClosing, !state.open.contains(folder),
            state.offeredHere.contains(folder), state.offeredThere.contains(folder),
            shares(folder, with: state.link.device)
        else { return }
        links[connection]?.open.insert(folder)
        emit(.memberConnected(folder, state.link.device, connection))
    }

    // MARK: Theirs

    mutating func received(_ offers: [FolderOffer], on connection: ConnectionID) {
        for offer in offers {
            guard let state = links[connection], !state.isClosing else { return }
            guard state.offeredThere.contains(offer.folder) || state.offeredThere.count < Limits.folders else {
                return close(connection, .overloaded, "Too many folders are offered.")
            }
            links[connection]?.offeredThere.insert(offer.folder)
            if own[offer.folder] != nil {
                take(offer.records, of: offer.folder, from: connection)
                openIfOffered(offer.folder, on: connection)
            } else {
                consider(offer, from: state.link.device)
            }
        }
    }

    /// A folder that is not ours: kept to be accepted, or taken at once where that was agreed.
    private mutating func consider(_ offer: FolderOffer, from device: DeviceID) {
        guard let set = offeredSet(offer) else { return }
        let bytes = (offered[offer.folder]?.bytes ?? 0) + Self.encodedBytes(offer.records)
        guard bytes <= Limits.folderOfferBytes,
            offered[offer.folder] != nil || offered.count < Limits.folderOffers
        else { return emit(.notice("The offer of \(offer.name) was passed over: too large, or too many.")) }
        var state = offered[offer.folder] ?? OfferState(name: offer.name, set: set, devices: [], bytes: 0)
        (state.set, state.bytes) = (set, bytes)
        if set.member(device) != nil { state.devices.insert(device) }
        offered[offer.folder] = state
        if let ours = merges[offer.folder] { merge(ours, into: offer.folder) }
    }

    private func offeredSet(_ offer: FolderOffer) -> MembershipSet? {
        guard var set = offered[offer.folder]?.set else { return trusted(offer.records, of: offer.folder) }
        insert(offer.records, into: &set)
        return set
    }

    /// Rule 18: our never shared folder becomes the other side's, as was agreed when pairing.
    private mutating func merge(_ ours: FolderID, into folder: FolderID) {
        guard let state = offered[folder], let member = state.set.member(identity.device) else { return }
        guard let known = own[ours]?.known, known.isNeverShared,
            let change = becoming(folder, state.name, state.set, member, at: known.path)
        else {
            merges[folder] = nil
            return
        }
        merges[folder] = nil
        store(changes(for: change), then: .folder(nil, change))
    }

    // MARK: Introductions

    /// We know the other as a member of common folders, and it does not take us for paired: it gets the records that
    /// make us one.
    mutating func introduce(on connection: ConnectionID) {
        guard let state = links[connection], state.isLocalPaired, !state.isClosing else { return }
        var count = 0
        for folder in own.keys.sorted() where shares(folder, with: state.link.device) {
            guard let records = own[folder]?.set.records.map(\.record) else { continue }
            for part in Self.parts(records, bytes: Limits.introductionBytes) {
                count += 1
                guard count <= Limits.introductions else { return }
                send(.introduction(MembershipUpdate(folder: folder, records: part)), on: connection)
            }
        }
    }

    /// Records that may make a stranger a member of a folder of ours: nothing of them is kept unless they do.
    mutating func introduced(_ update: MembershipUpdate, on state: LinkState) {
        let connection = state.link.connection
        guard state.introductions < Limits.introductions else {
            return close(connection, .overloaded, "Too many introductions.")
        }
        links[connection]?.introductions += 1
        guard let staged = own[update.folder]?.staged, peers[state.link.device]?.known.isRemoved != true else { return }
        if staged.member(state.link.device) != nil { return take(update.records, of: update.folder, from: connection) }
        var set = state.introduced[update.folder] ?? staged
        insert(update.records, into: &set)
        links[connection]?.introduced[update.folder] = set
        guard set.member(state.link.device) != nil else { return }
        links[connection]?.introduced[update.folder] = nil
        take(set.records.map(\.record), of: update.folder, from: connection)
    }
}
