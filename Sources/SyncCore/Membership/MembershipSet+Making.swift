public import SyncModel

extension MembershipSet {
    /// The unsigned first record of a folder: its founder is read-write.
    public static func founding(
        folder: FolderID, founder: DeviceID, name: String, signerKey: [UInt8]
    ) -> MembershipRecord {
        MembershipRecord(
            folder: folder, action: .add, device: founder, incarnation: 1, role: .readWrite, deviceName: name,
            predecessors: [], knownFrontier: VersionVector(), signer: founder, signerKey: signerKey, signature: [])
    }

    /// The unsigned record by which `signer` adds a device; nil where it would not stand: the signer is no read-write
    /// member, the device is a member, or there is no room.
    public func adding(
        _ device: DeviceID, role: Role, name: String, signer: DeviceID, signerKey: [UInt8]
    ) -> MembershipRecord? {
        guard canSign(signer), member(device) == nil, members.count < Limits.members else { return nil }
        return MembershipRecord(
            folder: folder, action: .add, device: device, incarnation: nextIncarnation(of: device), role: role,
            deviceName: name, predecessors: predecessors, knownFrontier: VersionVector(), signer: signer,
            signerKey: signerKey, signature: [])
    }

    /// The unsigned record by which `signer` removes a member; nil where it would not stand. Of `knownFrontier` the
    /// member's own entries are taken: its edits beyond them are void.
    public func removing(
        _ device: DeviceID, knownFrontier: VersionVector, signer: DeviceID, signerKey: [UInt8]
    ) -> MembershipRecord? {
        guard canSign(signer), let member = member(device) else { return nil }
        return MembershipRecord(
            folder: folder, action: .remove, device: device, incarnation: member.incarnation, role: member.role,
            deviceName: member.name, predecessors: predecessors,
            knownFrontier: VersionVector(knownFrontier.entries.filter { $0.author.device == device }), signer: signer,
            signerKey: signerKey, signature: [])
    }

    /// How far an author's edits count: nil without bound, which also holds for devices that were never removed. Of a
    /// removed incarnation those count that the removal knew; where several removed it, those that one of them knew. A
    /// device that returned counts without bound under an epoch that no removal of it names.
    public func frontierLimit(of author: Author) -> UInt64? {
        let removals = removals.filter { $0.device == author.device }
        guard !removals.isEmpty else { return nil }
        let known = removals.map { $0.knownFrontier[author] }.max() ?? 0
        return known == 0 && member(author.device) != nil ? nil : known
    }

    /// Whether a device may sign records of this folder now, and announce changes (rule 20).
    public func canSign(_ device: DeviceID) -> Bool { member(device)?.role == .readWrite }

    private var predecessors: [Bytes32] { Array(heads.prefix(Limits.membershipPredecessors)) }
}
