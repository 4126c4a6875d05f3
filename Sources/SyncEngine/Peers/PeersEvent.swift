public import SyncModel
public import WireProtocol

/// What happens to a device as far as other devices are concerned.
public enum PeersEvent: Sendable {
    // MARK: Network
    /// Where we accept connections, as text; wildcards expanded. Goes into invites.
    case listening([String])
    /// A device announces itself, or its announcement changed.
    case discovered(NearbyDevice)
    /// It no longer does. Connections go on.
    case lost(NearbyKey)
    /// Interfaces or addresses changed: whoever is not connected is called again at once.
    case networkChanged
    /// The machine was suspended.
    case resumed
    /// About once a second.
    case tick

    // MARK: Connections
    /// A session with another device is open: the hellos are exchanged.
    case linkOpened(Link)
    /// Both sides take each other for paired (`SessionEvent.paired`).
    case linkPaired(ConnectionID)
    /// A pairing, joining, `introduction`, `folderOffer` or `membership` message. Others are not for this machine.
    case message(ConnectionID, Message)
    /// A connection ended, by either side. `code` is that of the other side's close, nil without one. For connections
    /// whose `linkOpened` came, once; for dials that came to a TLS session and no hello, as `dialFailed`.
    case linkClosed(ConnectionID, code: CloseCode?, livedNanoseconds: UInt64)
    case dialFailed(DialAttempt, message: String)

    // MARK: Store
    /// A `store` effect is durable.
    case stored(Ticket)
    /// It was refused or failed; nothing of it holds.
    case storeFailed(Ticket, message: String)

    // MARK: Folders
    /// How many files a folder holds, for the other side of a pairing.
    case counted(FolderID, files: UInt64)
    /// A folder is open: its directory bears its marker.
    case folderOpened(FolderID)

    // MARK: People
    /// Answered by one `reply`.
    case command(CommandID, PeersCommand)
    /// Who gave the command no longer waits for its reply: a `pair` or `join` that was interrupted is given up.
    case commandAbandoned(CommandID)
}

/// What tells announcements apart: text of the discovery hint.
public struct NearbyKey: Hashable, Comparable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func < (left: NearbyKey, right: NearbyKey) -> Bool { left.text < right.text }
}

/// A device that announces itself on the local network. Nothing of it is proved.
public struct NearbyDevice: Hashable, Sendable {
    public var key: NearbyKey
    /// The known device whose hint it is (`PeersMachine.hintCandidates`), removed ones too.
    public var device: DeviceID?
    /// Text of network addresses.
    public var addresses: [String]
    /// Its name while it is open for pairing.
    public var pairingName: String?

    public init(key: NearbyKey, device: DeviceID?, addresses: [String], pairingName: String?) {
        self.key = key
        self.device = device
        self.addresses = addresses
        self.pairingName = pairingName
    }
}

/// A connection that is open for messages.
public struct Link: Hashable, Sendable {
    /// Who called whom.
    public enum Direction: Hashable, Sendable {
        case incoming
        case outgoing
    }

    public var connection: ConnectionID
    /// Proved by the TLS handshake.
    public var device: DeviceID
    public var direction: Direction
    /// The other end, as text; for an outgoing one the address that was dialled.
    public var remoteAddress: String
    /// The other side's.
    public var hello: Hello
    /// Whether our own hello said that we take the other for paired (`PeersMachine.isPaired` at that moment).
    public var saidPaired: Bool
    /// The dial that it came of.
    public var attempt: DialAttempt?
    /// TLS exporters, label `EXPORTER-lanyard-pairing` and `EXPORTER-lanyard-join`.
    public var pairingExporter: Bytes32
    public var joinExporter: Bytes32

    public init(
        connection: ConnectionID, device: DeviceID, direction: Direction, remoteAddress: String, hello: Hello,
        saidPaired: Bool, attempt: DialAttempt?, pairingExporter: Bytes32, joinExporter: Bytes32
    ) {
        self.connection = connection
        self.device = device
        self.direction = direction
        self.remoteAddress = remoteAddress
        self.hello = hello
        self.saidPaired = saidPaired
        self.attempt = attempt
        self.pairingExporter = pairingExporter
        self.joinExporter = joinExporter
    }
}

/// One `dial` effect. It ends in `linkOpened` or `dialFailed`, once.
public struct DialAttempt: Hashable, Comparable, Sendable {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }

    public static func < (left: DialAttempt, right: DialAttempt) -> Bool { left.number < right.number }
}
