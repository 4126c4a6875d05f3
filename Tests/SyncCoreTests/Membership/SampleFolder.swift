import ModelFolder
import SyncCore
import SyncModel

/// Makes membership records with invented hashes: what a record says does not matter to its name.
enum SampleFolder {

    static func device(_ number: UInt64) -> DeviceID { sampleDevice(number) }

    /// A hash whose order is that of `number`.
    static func hash(_ number: UInt64) -> Bytes32 {
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - $0 * 8)) }
        return Bytes32(bytes + [UInt8](repeating: 7, count: 24)) ?? .zero
    }

    /// The founding record of device 1, with hash 1.
    static var founded: MembershipSet {
        var set = MembershipSet(folder: FolderID(high: 1, low: 1), founding: hash(1))
        _ = set.insert(founding(1), hash: hash(1), isVerified: true)
        return set
    }

    static func founding(_ founder: UInt64) -> MembershipRecord {
        MembershipSet.founding(
            folder: FolderID(high: 1, low: 1), founder: device(founder), name: "device \(founder)", signerKey: [1])
    }
}

extension MembershipSet {
    /// The record by which one adds another, put into this set under the hash of `number`.
    @discardableResult
    mutating func add(_ device: UInt64, by signer: UInt64, _ role: Role = .readWrite, hash number: UInt64)
        -> (Bytes32, MembershipRecord)?
    {
        guard
            let record = adding(
                sampleDevice(device), role: role, name: "device \(device)", signer: sampleDevice(signer),
                signerKey: [1])
        else { return nil }
        _ = insert(record, hash: SampleFolder.hash(number), isVerified: true)
        return (SampleFolder.hash(number), record)
    }

    @discardableResult
    mutating func remove(
        _ device: UInt64, by signer: UInt64, frontier: VersionVector = VersionVector(), hash number: UInt64
    ) -> (Bytes32, MembershipRecord)? {
        guard
            let record = removing(
                sampleDevice(device), knownFrontier: frontier, signer: sampleDevice(signer), signerKey: [1])
        else { return nil }
        _ = insert(record, hash: SampleFolder.hash(number), isVerified: true)
        return (SampleFolder.hash(number), record)
    }

    /// Takes all that the other has.
    mutating func merge(_ other: MembershipSet) {
        for (hash, record) in other.records { _ = insert(record, hash: hash, isVerified: true) }
    }

    func merged(_ other: MembershipSet) -> MembershipSet {
        var copy = self
        copy.merge(other)
        return copy
    }

    /// The numbers of the member devices among 1 to 99.
    var numbers: Set<UInt64> {
        let devices = Set(members.map(\.device))
        return Set((1..<100).filter { devices.contains(sampleDevice($0)) })
    }
}
