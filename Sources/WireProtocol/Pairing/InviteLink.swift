public import SyncModel

/// An invite as text, for a message or a QR code: `lanyard://join/1/<payload>`.
///
/// Who has it may join once. It is given from person to person; what reads it trusts nothing of it but, by the
/// inviter's identity, whom to talk to.
public struct InviteLink: Hashable, Sendable {
    public static let prefix = "lanyard://join/1/"

    public var inviter: DeviceID
    /// Text of network addresses, at most `Limits.addresses`.
    public var addresses: [String]
    public var invite: Bytes16
    /// 128 random bits, used once.
    public var secret: Bytes16
    public var folder: FolderID
    /// At most `Limits.folderNameBytes`.
    public var folderName: String
    /// Seconds since 1970; after it the invite is refused.
    public var expires: UInt64

    public init(
        inviter: DeviceID, addresses: [String], invite: Bytes16, secret: Bytes16, folder: FolderID, folderName: String,
        expires: UInt64
    ) {
        self.inviter = inviter
        self.addresses = addresses
        self.invite = invite
        self.secret = secret
        self.folder = folder
        self.folderName = folderName
        self.expires = expires
    }

    /// The link. Refuses fields out of their bounds.
    public func text() throws(WireError) -> String {
        var writer = WireWriter()
        writer.device(inviter)
        try writer.list(addresses, Limits.addresses, "addresses") { (writer, address) throws(WireError) in
            try writer.name(address, Limits.addressBytes, "address")
        }
        writer.bytes16(invite)
        writer.bytes16(secret)
        writer.folder(folder)
        try writer.name(folderName, Limits.folderNameBytes, "folder name")
        try writer.varint(expires, InviteLink.latest, "time of expiry")
        writer.extensions()
        let text = InviteLink.prefix + Base64URL.encode(writer.bytes)
        guard text.utf8.count <= Limits.inviteLinkBytes else {
            throw writer.failure(.overLimit, "The invite link is longer than \(Limits.inviteLinkBytes) characters.")
        }
        return text
    }

    /// Reads a link; blanks and line ends around it are passed over, and nothing else.
    public init(text: String) throws(WireError) {
        guard text.utf8.count <= Limits.inviteLinkBytes else {
            throw WireError(.overLimit, "The invite link is longer than \(Limits.inviteLinkBytes) characters.")
        }
        let blanks: [UInt8] = [0x20, 0x09, 0x0a, 0x0d]
        var characters = Array(text.utf8)[...]
        while let first = characters.first, blanks.contains(first) { characters.removeFirst() }
        while let last = characters.last, blanks.contains(last) { characters.removeLast() }
        guard characters.starts(with: InviteLink.prefix.utf8) else {
            throw WireError(.invalidValue, "An invite link begins with \(InviteLink.prefix).")
        }
        guard let payload = Base64URL.decode(characters.dropFirst(InviteLink.prefix.utf8.count)) else {
            throw WireError(.invalidText, "The invite link is damaged: it is not base64url.")
        }
        var reader = WireReader(payload)
        inviter = try reader.device()
        addresses = try reader.list(Limits.addresses, least: 2, "addresses") { (reader) throws(WireError) in
            try reader.name(Limits.addressBytes, "address")
        }
        invite = try reader.bytes16("invite")
        secret = try reader.bytes16("secret")
        folder = try reader.folder()
        folderName = try reader.name(Limits.folderNameBytes, "folder name")
        expires = try reader.varint(InviteLink.latest, "time of expiry")
        try reader.finish()
    }

    /// The end of the year 9999: RFC 3339 writes no later one.
    private static let latest: UInt64 = 253_402_300_799
}
