public import SyncCore
public import SyncModel
public import WireProtocol

/// What is to be done, in this order.
public enum PeersEffect: Hashable, Sendable {
    // MARK: Connections
    /// Ends in `linkOpened` or `dialFailed`.
    case dial(DialAttempt, DialTarget, addresses: [String])
    /// May fail where the session has ended meanwhile; `linkClosed` follows then.
    case send(ConnectionID, Message)
    /// `PeerSession.markPaired`, and the transport's. Does nothing where the session said so already.
    case markPaired(ConnectionID)
    /// `linkClosed` follows.
    case close(ConnectionID, CloseCode, text: String)
    /// What the announcement says: our name while a pairing is wanted here.
    case announce(pairingName: String?)
    /// Hints nearby are to be matched with these devices (`PeersMachine.hintCandidates`), and told anew where one fits.
    case matchHints([DeviceID])

    // MARK: Store
    /// To be made durable all or none, in the order of the tickets; answered by `stored` or `storeFailed`.
    case store(Ticket, [StoreChange])

    // MARK: Folders
    /// The folder is ours and stored. While it is not made, its directory may be made, and becomes the folder.
    case openFolder(KnownFolder)
    /// Its name or pause changed.
    case folderChanged(KnownFolder)
    case closeFolder(FolderID)
    /// This device was removed from the folder, and is a member again: what it knew of the folder is of no more use
    /// (decision 34). The folder is closed, and opened once nothing more comes of it.
    case renewFolder(FolderID)
    /// The folder `old` goes on as this one: same path, another ID, the files as they are (rule 18). Once more at the
    /// next start where it was not opened since.
    case rekeyFolder(old: FolderID, KnownFolder)
    /// Also once after `openFolder`. Self among them, unless it was removed.
    case membersChanged(FolderID, [Member])
    /// The folder is open on both sides of the connection: its messages may be sent.
    case memberConnected(FolderID, DeviceID, ConnectionID)
    case memberDisconnected(FolderID, DeviceID, ConnectionID)

    // MARK: People
    case reply(CommandID, Result<PeersReply, PeersError>)
    /// A line for the log.
    case notice(String)
}

/// Whom to dial.
public enum DialTarget: Hashable, Sendable {
    /// A known device: any other at that address is refused.
    case device(DeviceID)
    /// Whoever is there: for pairing.
    case anyone
}

/// One change of the store.
public enum StoreChange: Hashable, Sendable {
    /// Adds or replaces.
    case putDevice(KnownDevice)
    case addFolder(KnownFolder)
    /// Does nothing where the folder was removed before.
    case changeFolder(KnownFolder)
    /// Gives `old` another ID, with its open invites; its memberships go.
    case rekeyFolder(old: FolderID, KnownFolder)
    /// With its invites; its memberships stay.
    case removeFolder(FolderID)
    /// Those known already are passed over.
    case addMemberships([KnownMembership])
    case addInvite(KnownInvite)
    /// Must fail where another device has used it.
    case useInvite(Bytes16, by: DeviceID)
    /// Invites that expired before these seconds since 1970.
    case removeInvites(expiredBefore: Int64)
}
