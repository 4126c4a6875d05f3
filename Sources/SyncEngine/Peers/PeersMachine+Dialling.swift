import SyncCore
import SyncModel
import WireProtocol

/// Whom to call, where, and when: everyone known who is not connected, with growing pauses.
extension PeersMachine {
    mutating func tick() {
        let minute: UInt64 = 60_000_000_000
        pairingTimes.removeAll { now.monotonicNanoseconds &- $0 >= minute }
        expirePairing()
        expireJoins()
        retryStores()
        pursuePairing()
        pursueJoins()
        dialDue()
    }

    /// The network or the machine's sleep changed: pauses are over.
    mutating func callEveryone() {
        for device in peers.keys { called(device) }
        wish?.backoff.reset()
        wish?.nextDial = 0
        for command in joins.keys { joins[command]?.nextDial = 0 }
        pursuePairing()
        pursueJoins()
        dialDue()
    }

    /// There is reason to try a device now.
    mutating func called(_ device: DeviceID) {
        peers[device]?.backoff.reset()
        peers[device]?.nextDial = 0
    }

    mutating func discovered(_ device: NearbyDevice) {
        guard nearby[device.key] != nil || nearby.count < Limits.discoveredServices else { return }
        let before = nearby.updateValue(device, forKey: device.key)
        if let known = device.device, before?.addresses != device.addresses || before?.device != known {
            called(known)
            // Both sides see each other at about the same time: the larger ID leaves the call to the smaller.
            if identity.device > known { peers[known]?.nextDial = now.monotonicNanoseconds + Backoff.leastNanoseconds }
            for command in joins.keys where joins[command]?.link.inviter == known { joins[command]?.nextDial = 0 }
        }
        if before?.pairingName != device.pairingName { wish?.nextDial = 0 }
        pursuePairing()
        pursueJoins()
        dialDue()
    }

    mutating func dialDue() {
        for device in peers.keys.sorted() { dialIfDue(device) }
    }

    private mutating func dialIfDue(_ device: DeviceID) {
        guard let peer = peers[device], !peer.known.isRemoved, peer.attempt == nil, active[device] == nil,
            peer.nextDial <= now.monotonicNanoseconds, !isJoining(device)
        else { return }
        let addresses = addresses(of: device)
        guard !addresses.isEmpty else { return }
        let attempt = dial(.device(device), addresses, for: .peer(device))
        peers[device]?.attempt = attempt
    }

    private func isJoining(_ device: DeviceID) -> Bool {
        joins.values.contains { $0.link.inviter == device && $0.attempt != nil }
    }

    /// Where a device may be: seen now, then remembered.
    func addresses(of device: DeviceID) -> [String] {
        let seen = nearby.values.filter { $0.device == device }.sorted { $0.key < $1.key }.flatMap(\.addresses)
        return PeersMachine.distinct(seen + (peers[device]?.known.addresses ?? []), limit: Limits.dialCandidates)
    }

    static func distinct(_ addresses: [String], limit: Int) -> [String] {
        var seen: Set<String> = []
        return Array(addresses.filter { seen.insert($0).inserted }.prefix(limit))
    }

    mutating func dial(_ target: DialTarget, _ addresses: [String], for purpose: DialPurpose) -> DialAttempt {
        let attempt = DialAttempt(nextNumber())
        dials[attempt] = purpose
        emit(.dial(attempt, target, addresses: addresses))
        return attempt
    }

    /// Ends a dial; what it was for.
    mutating func endDial(_ attempt: DialAttempt) -> DialPurpose? {
        guard let purpose = dials.removeValue(forKey: attempt) else { return nil }
        switch purpose {
        case .peer(let device): peers[device]?.attempt = nil
        case .pairing: if wish?.attempt == attempt { wish?.attempt = nil }
        case .join(let command): joins[command]?.attempt = nil
        }
        return purpose
    }

    mutating func dialFailed(_ attempt: DialAttempt, _ message: String) {
        guard let purpose = endDial(attempt) else { return }
        switch purpose {
        case .peer(let device):
            let chance = jitter()
            if let delay = peers[device]?.backoff.failed(jitter: chance) {
                peers[device]?.nextDial = now.monotonicNanoseconds + delay
            }
        case .pairing: pausePairing()
        case .join(let command): joinFailed(command, message)
        }
        dialDue()
    }

    // MARK: Addresses

    /// What a connection teaches: where it was reached, and where it says that it listens. Kept when new.
    mutating func learnAddresses(of link: Link) {
        guard let peer = peers[link.device] else { return }
        let told = link.hello.listen.filter { text in
            guard let address = try? NetworkAddress(text: text) else { return false }
            return address.isConnectable && !address.isLinkLocal
        }
        let reached = link.direction == .outgoing ? [link.remoteAddress] : []
        let addresses = PeersMachine.distinct(
            (reached + peer.known.addresses + told).filter { !$0.contains("\n") }, limit: Limits.deviceAddresses)
        guard addresses != peer.known.addresses else { return }
        let isNew = Set(addresses) != Set(peer.known.addresses)
        peers[link.device]?.known.addresses = addresses
        if isNew { storeKnown(link.device) }
    }

    mutating func addAddress(_ device: DeviceID, _ text: String, _ command: CommandID) {
        guard let peer = peers[device] else {
            return refuse(command, .notFound, "The device \(device.short) is not known.")
        }
        guard let address = try? NetworkAddress(text: text), address.isConnectable else {
            return refuse(command, .malformed, "\(text) is no address with a port.")
        }
        guard !isBeingRemoved(device) else { return refuse(command, .notFound, "The device is being removed.") }
        var known = peer.known
        known.addresses = PeersMachine.distinct([text] + known.addresses, limit: Limits.deviceAddresses)
        change(known, from: peer.known, command)
        called(device)
        dialDue()
    }

    mutating func renameDevice(_ device: DeviceID, _ name: String, _ command: CommandID) {
        guard let peer = peers[device] else {
            return refuse(command, .notFound, "The device \(device.short) is not known.")
        }
        guard PeersMachine.isName(name, limit: Limits.deviceNameBytes) else {
            return refuse(
                command, .malformed, "A name has 1 to \(Limits.deviceNameBytes) bytes and no control characters.")
        }
        guard !isBeingRemoved(device) else { return refuse(command, .notFound, "The device is being removed.") }
        var known = peer.known
        known.name = name
        change(known, from: peer.known, command)
    }

    private mutating func change(_ known: KnownDevice, from before: KnownDevice, _ command: CommandID) {
        peers[known.device]?.known = known
        store([.putDevice(known)], then: .changedDevice(command, before: before))
    }
}
