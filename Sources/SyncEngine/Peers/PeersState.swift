import SyncCore
import SyncModel
import WireProtocol

/// A known device and how it is called.
struct PeerState: Sendable {
    var known: KnownDevice
    var backoff = Backoff()
    /// Monotonic nanoseconds before which it is not dialled.
    var nextDial: UInt64 = 0
    /// The dial under way.
    var attempt: DialAttempt?
}

/// A connection whose hellos are exchanged.
struct LinkState: Sendable {
    let link: Link
    let openedNanoseconds: UInt64
    /// This side takes the other for paired and has said so.
    var isLocalPaired: Bool
    /// Both sides do.
    var isPaired = false
    /// `close` was asked for; nothing is sent or taken any more.
    var isClosing = false
    /// The other side is to be dialled as soon as this connection is gone.
    var redials = false
    /// What the other side introduced itself with, by folder, and in how many messages.
    var introduced: [FolderID: MembershipSet] = [:]
    var introductions = 0
    var offeredHere: Set<FolderID> = []
    var offeredThere: Set<FolderID> = []
    /// `memberConnected` was said.
    var open: Set<FolderID> = []
    /// A joining device awaits its answer.
    var isAdmitting = false
}

/// A folder of ours.
struct FolderState: Sendable {
    var known: KnownFolder
    /// The durable records.
    var set: MembershipSet
    /// With those that are being stored: what the next record follows.
    var staged: MembershipSet
    /// Hashes of the staged records that are just being stored.
    var storing: Set<Bytes32> = []
    /// When what could not be stored is tried again.
    var nextStore: UInt64 = 0
    var files: UInt64 = 0
    /// When it is stored again that the folder was opened, where that could not be stored.
    var nextMade = UInt64.max
}

/// A folder that peers offer and that is not ours.
struct OfferState: Sendable {
    var name: String
    var set: MembershipSet
    var devices: Set<DeviceID>
    /// Of its records, for the bound.
    var bytes: Int
}

/// A person wants to pair: our name is announced, and a device looked for.
struct PairingWish: Sendable {
    let command: CommandID
    let selection: String?
    let expiresNanoseconds: UInt64
    let expiresSeconds: Int64
    var isAnswered = false
    var attempt: DialAttempt?
    var backoff = Backoff()
    var nextDial: UInt64 = 0
    /// Whom a pairing was begun with.
    var engaged: DeviceID?
    /// Since when several devices have been open for pairing.
    var severalSince: UInt64?
}

/// The pairing under way.
struct Pairing: Sendable {
    let session: UInt64
    let connection: ConnectionID
    let device: DeviceID
    let name: String
    var exchange: PairingExchange
    /// What we said yes with.
    var folders: [PairFolder] = []
    var isConfirmed = false
    /// Both said yes; it is being stored.
    var isStoring = false
    var confirmation: CommandID?
}

/// A `join` that is not answered yet.
struct Join: Sendable {
    let command: CommandID
    let link: InviteLink
    let path: [UInt8]
    let expiresNanoseconds: UInt64
    /// Where the request was sent.
    var connection: ConnectionID?
    var isStoring = false
    var attempt: DialAttempt?
    var backoff = Backoff()
    var nextDial: UInt64 = 0
    /// Why the last attempt failed.
    var failure = "Nobody answered."
}

/// What a dial was for.
enum DialPurpose: Hashable, Sendable {
    case peer(DeviceID)
    case pairing
    case join(CommandID)
}

/// What follows when a `store` is durable.
enum PendingStore: Sendable {
    /// Nothing: what is in memory is ahead of it.
    case nothing
    case memberships(FolderID, [KnownMembership], source: ConnectionID?, reply: CommandID?)
    case removedDevice(CommandID, DeviceID, [FolderID: [KnownMembership]])
    case paired(Pairing, PairedView, device: KnownDevice, offered: FolderID?, [KnownMembership])
    case joined(Join, ConnectionID, FolderChange, device: KnownDevice)
    case admitted(ConnectionID, Bytes16, device: KnownDevice, FolderID, Role, [KnownMembership])
    case folder(CommandID?, FolderChange)
    case changedFolder(CommandID, before: KnownFolder)
    /// The folder was opened for the first time.
    case madeFolder(before: KnownFolder)
    case removedFolder(CommandID, FolderID)
    case invited(CommandID, InviteView, KnownInvite)
    case changedDevice(CommandID, before: KnownDevice)
}

/// A folder that becomes ours.
struct FolderChange: Sendable {
    let known: KnownFolder
    let set: MembershipSet
    /// It was ours already: only its records grow.
    let isKnown: Bool
}
