public import SyncModel

/// What a person or script asks for.
public enum PeersCommand: Hashable, Sendable {
    // MARK: Pairing (rule 17)
    /// `pair [DEVICE]`: a name, an ID or its beginning, or an address; nil for the single device nearby that is open
    /// for pairing. Answered by `pairing` once the code is known.
    case startPairing(String?)
    /// Answered by `pairings`.
    case listPairings
    /// Answered by `paired` once this side has committed. `folder` limits what is offered to the other side (rule 18);
    /// nil offers all.
    case confirmPairing(session: UInt64, PairingAnswer, folder: FolderID?)
    /// Nil gives up whatever is under way, the waiting for a device too.
    case cancelPairing(session: UInt64?)

    // MARK: Joining (rule 28)
    /// Answered by `invited`. A folder may be left out where there is exactly one.
    case invite(folder: FolderID?, role: Role, lifetimeSeconds: Int64)
    /// Answered by `joined`. The path is absolute; a never shared folder there becomes the joined one (rule 18).
    case join(link: String, path: [UInt8])

    // MARK: Folders
    /// Answered by `folder`, as are the next ones.
    case addFolder(name: String, path: [UInt8], isPaused: Bool)
    case renameFolder(FolderID, name: String)
    case setPaused(FolderID, Bool)
    /// Takes a folder that a peer offers (`PeersMachine.offers`). The path is absolute; a never shared folder there
    /// becomes the offered one.
    case acceptFolder(FolderID, path: [UInt8])
    /// Answered by `done`, as are the next ones. The files stay, and so does the membership.
    case removeFolder(FolderID)
    case shareFolder(FolderID, device: DeviceID, role: Role)

    // MARK: Members and devices
    /// `knownFrontier`: what this device has durably covered; anything of the member's beyond it is void (rule 19).
    case removeMember(FolderID, device: DeviceID, knownFrontier: VersionVector)
    /// From all folders where we are read-write, and from the known devices. Frontiers by folder.
    case removeDevice(DeviceID, knownFrontiers: [FolderID: VersionVector])
    case renameDevice(DeviceID, name: String)
    case addAddress(DeviceID, address: String)
}

/// What a person says to a code.
public enum PairingAnswer: Hashable, Sendable {
    /// The code as the other device shows it; blanks and hyphens are passed over. A wrong one ends the pairing.
    case code(String)
    /// The person compared the codes, and they are equal.
    case yes
    case no
}
