import SyncEngine
import SyncModel
import WireProtocol

/// What the runtime would do with effects, and what must hold of them.
extension PeersWorld {
    mutating func perform(_ index: Int, _ effects: [PeersEffect]) {
        for effect in effects { perform(index, effect) }
    }

    private mutating func perform(_ index: Int, _ effect: PeersEffect) {
        switch effect {
        case .dial(let attempt, let target, let addresses): dial(index, attempt, target, addresses)
        case .send(let connection, let message): send(index, connection, message)
        case .markPaired(let connection):
            if let device = nodes[index].beginnings[connection]?.link.device, !nodes[index].store.knows(device) {
                nodes[index].faults.append("A device is told to be paired that is not stored.")
            }
            guard let output = try? nodes[index].sessions[connection]?.markPaired() else { return }
            take(output, index, connection)
        case .close(let connection, let code, let text):
            if let frame = try? nodes[index].sessions[connection]?.send(.close(Close(code: code, text: text))) {
                transmit(frame, index, connection)
            }
            schedule(0, .cut(index, connection, nil))
        case .announce(let name):
            nodes[index].pairingName = name
            announce(index)
        case .matchHints: if hasDiscovery { discoverAll(by: index) }
        case .store(let ticket, let changes): store(index, ticket, changes)
        case .reply(let command, let result):
            if nodes[index].replies.updateValue(result, forKey: command) != nil {
                nodes[index].faults.append("Command \(command.number) is answered twice.")
            }
        case .notice: break
        default: performFolder(index, effect)
        }
    }

    private mutating func performFolder(_ index: Int, _ effect: PeersEffect) {
        switch effect {
        case .openFolder(let folder): nodes[index].opened[folder.folder] = folder
        case .folderChanged(let folder):
            if nodes[index].opened[folder.folder] == nil { nodes[index].faults.append("An unopened folder changes.") }
            nodes[index].opened[folder.folder] = folder
        case .closeFolder(let folder):
            nodes[index].opened[folder] = nil
            if nodes[index].connected[folder]?.isEmpty == false {
                nodes[index].faults.append("Closed while connected.")
            }
        case .renewFolder(let folder):
            if nodes[index].opened[folder] == nil { nodes[index].faults.append("An unopened folder is renewed.") }
            if nodes[index].connected[folder]?.isEmpty == false {
                nodes[index].faults.append("Renewed while connected.")
            }
            nodes[index].renewals += 1
        case .rekeyFolder(let old, let folder):
            nodes[index].opened[old] = nil
            nodes[index].opened[folder.folder] = folder
            nodes[index].rekeyed[old] = folder.folder
        case .membersChanged(let folder, let members): nodes[index].told[folder] = members
        case .memberConnected(let folder, let device, let connection):
            if nodes[index].connected[folder, default: [:]].updateValue(connection, forKey: device) != nil {
                nodes[index].faults.append("A member is connected twice.")
            }
            if nodes[index].opened[folder] == nil { nodes[index].faults.append("Connected before the folder is open.") }
            if nodes[index].sessions[connection]?.openFolders.contains(folder) != true {
                nodes[index].faults.append("The session does not hold the folder open.")
            }
        case .memberDisconnected(let folder, let device, let connection):
            if nodes[index].connected[folder]?.removeValue(forKey: device) != connection {
                nodes[index].faults.append("Disconnected what was not connected.")
            }
        default: break
        }
    }

    private mutating func send(_ index: Int, _ connection: ConnectionID, _ message: Message) {
        guard nodes[index].sessions[connection]?.isOver == false else { return }
        checkDurable(index, message)
        do {
            guard let frame = try nodes[index].sessions[connection]?.send(message) else { return }
            transmit(frame, index, connection)
        } catch {
            nodes[index].faults.append("\(message.type) can't be sent: \(error)")
        }
    }

    private mutating func store(_ index: Int, _ ticket: Ticket, _ changes: [StoreChange]) {
        // One thread stores: outcomes come in order, so all take the same time.
        schedule(delay / 2, .store(index, generation: nodes[index].generation, ticket, changes))
    }

    /// Nothing is told that is not durable.
    private mutating func checkDurable(_ index: Int, _ message: Message) {
        let records: [MembershipRecord] =
            switch message {
            case .folderOffer(let offers): offers.flatMap(\.records)
            case .membership(let update), .introduction(let update): update.records
            case .joinReply(.accepted(let acceptance)): acceptance.records
            default: []
            }
        let stored = Set(nodes[index].store.memberships.map(\.record))
        if !stored.isSuperset(of: records) { nodes[index].faults.append("\(message.type) tells what is not stored.") }
    }

    // MARK: Discovery

    mutating func announce(_ index: Int) {
        guard hasDiscovery else { return }
        for other in nodes.indices where other != index { discover(index, by: other) }
        discoverAll(by: index)
    }

    private mutating func discoverAll(by index: Int) {
        for other in nodes.indices where other != index { discover(other, by: index) }
    }

    private mutating func discover(_ index: Int, by other: Int) {
        schedule(chance(), .seen(index, by: other))
    }

    mutating func seen(_ index: Int, by other: Int) {
        guard reaches(index, other) else { return }
        let seen = nodes[index]
        let isKnown = nodes[other].machine.hintCandidates.contains(seen.device)
        handle(
            other,
            .discovered(
                NearbyDevice(
                    key: seen.key, device: isKnown ? seen.device : nil, addresses: [seen.address],
                    pairingName: seen.pairingName)))
    }
}
