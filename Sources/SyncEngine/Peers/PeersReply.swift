public import SyncModel

/// The answer to a command.
public enum PeersReply: Hashable, Sendable {
    case done
    case pairing(PairingView)
    case pairings([PairingView])
    case paired(PairedView)
    case invited(InviteView)
    case joined(JoinedView)
    case folder(KnownFolder)
}

/// A pairing under way, as a person sees it.
public struct PairingView: Hashable, Sendable {
    /// Names it in `confirmPairing`; 0 while a device is waited for.
    public var session: UInt64
    /// Six digits; nil until they are known.
    public var code: String?
    public var peer: DeviceID?
    public var peerName: String?
    /// Seconds since 1970.
    public var expiresSeconds: Int64
    /// A person has said yes here.
    public var isConfirmed: Bool
}

/// A pairing that this side has committed.
public struct PairedView: Hashable, Sendable {
    /// What becomes of the folders (rule 18).
    public enum Outcome: Hashable, Sendable {
        /// Neither side has one, or all common ones are shared already.
        case nothing
        /// Ours is offered to the other device, which accepts it at a path of its choice.
        case offered(FolderID)
        /// The other side offers this one, to be accepted here.
        case offeredToUs(FolderID)
        /// Both become one, with this ID.
        case merged(FolderID)
        /// Several, or one already shared: a person says which (`folder share`, `folder accept`).
        case ask
    }

    public var device: DeviceID
    public var name: String
    public var outcome: Outcome
}

/// An invite, to be handed to the other device by some other way.
public struct InviteView: Hashable, Sendable {
    /// `lanyard://join/1/…`
    public var link: String
    public var folder: FolderID
    /// Seconds since 1970.
    public var expiresSeconds: Int64
}

/// A folder that was joined by an invite.
public struct JoinedView: Hashable, Sendable {
    /// The inviter.
    public var device: DeviceID
    public var folder: FolderID
    public var path: [UInt8]
}

/// A folder that a peer offers and that is not ours yet.
public struct OfferedFolder: Hashable, Sendable {
    public var folder: FolderID
    public var name: String
    /// What we may do in it.
    public var role: Role
    /// Who offers it, sorted.
    public var devices: [DeviceID]
}

/// Why a command is not carried out. Two errors are equal when their codes are.
public struct PeersError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of reason it is.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// No such device, folder, session or offer.
        case notFound
        /// Several fit: `choices` names them.
        case ambiguous
        /// A name, path or device is there already.
        case exists
        case malformed
        /// Too many, or too often.
        case limit
        /// Our role in the folder does not allow it.
        case notAllowed
        /// The other side said no, or is not ready.
        case declined
        case expired
        /// The codes differ: somebody may be in the middle.
        case mismatch
        /// Nobody answers at the addresses, or the connection was lost.
        case unreachable
        /// The invite is unknown, withdrawn or used.
        case invalidInvite
        /// The store could not make it durable.
        case storage
        /// A person gave it up.
        case cancelled
    }

    public let code: Code
    /// One sentence: what happened, to whom, and what to do.
    public let message: String
    /// What to choose from.
    public let choices: [String]

    public init(_ code: Code, _ message: String, choices: [String] = []) {
        self.code = code
        self.message = message
        self.choices = choices
    }

    public var description: String { "\(message) (\(code.rawValue))" }

    public static func == (left: PeersError, right: PeersError) -> Bool { left.code == right.code }

    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
