public import SyncModel

/// What `.lanyard/folder` says: which folder a directory is, and a random number drawn when it became one, so that a
/// mount point without its disk, or with another one, is told apart.
public struct Marker: Hashable, Sendable {
    public let folder: FolderID
    public let volume: FolderVolumeID

    public init(folder: FolderID, volume: FolderVolumeID) { (self.folder, self.volume) = (folder, volume) }

    static let fileName = Array("folder".utf8)
    /// No marker is longer.
    static let bytesGreatest = 256
    private static let heading = "lanyard folder 1"

    /// Three lines: a heading with the format's version, the folder's and the volume's identifier.
    package var bytes: [UInt8] { Array("\(Marker.heading)\n\(folder)\n\(volume)\n".utf8) }

    /// Nil if the bytes are no marker of this version.
    package init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[0] == Marker.heading, lines[3].isEmpty,
            let folder = FolderID(text: lines[1]), let volume = FolderVolumeID(text: lines[2])
        else { return nil }
        self.init(folder: folder, volume: volume)
    }
}

/// Eight random bytes that name one directory's life as a folder.
public struct FolderVolumeID: Hashable, Sendable, CustomStringConvertible {
    public let number: UInt64

    public init(_ number: UInt64) { self.number = number }

    /// From sixteen hexadecimal digits.
    init?(text: some StringProtocol) {
        guard text.utf8.count == 16, !text.hasPrefix("+"), let number = UInt64(text, radix: 16) else { return nil }
        self.number = number
    }

    public var description: String {
        Hexadecimal.encode(number.bigEndianBytes)
    }
}
