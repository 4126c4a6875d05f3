internal import CLinux
internal import Cryptography
public import SyncModel

/// `.lanyard/mark`: how far the index of this folder has come. It lies in the folder and not beside the index, so that
/// it stays when the index is put back to an older copy.
///
/// It is written in place, and flushed only where it names a new index: what is lost of later ones makes it older, or
/// no mark at all, and then it says less than it could, but nothing that is wrong.
public final class IndexMarkFile: Sendable {
    private let file: Descriptor
    private let directory: Descriptor
    private let shown: String

    static let fileName = Array("mark".utf8)
    private static let heading = "lanyard mark 1"

    /// Opens the file, or makes an empty one.
    public init(of folder: OpenFolder) throws(FileSystemError) {
        shown = "'\(folder.root.path)'"
        do throws(Errno) {
            let flags = linux_O_RDWR | linux_O_CREAT | linux_O_NOFOLLOW | linux_O_NONBLOCK
            file = Descriptor(
                owning: try Errno.check(withName(Self.fileName) { linux_openat(folder.own.number, $0, flags, 0o600) }))
            directory = folder.own
        } catch {
            throw FileSystemError(error, "open the index's mark .lanyard/mark of", shown)
        }
    }

    /// What was written last; nil if nothing was, or if what is there is torn.
    public func read() throws(FileSystemError) -> IndexMark? {
        do throws(Errno) { return Self.mark(try FolderRoot.read(file, at: 0, count: Self.length)) } catch {
            throw FileSystemError(error, "read the index's mark .lanyard/mark of", shown)
        }
    }

    /// Names a new index, durably: a mark of the one before would be of another epoch.
    public func begin(_ mark: IndexMark) throws(FileSystemError) {
        try write(mark)
        do throws(Errno) {
            try Errno.check(linux_fsync(file.number))
            try Errno.check(linux_fsync(directory.number))
        } catch {
            throw FileSystemError(error, "flush the index's mark .lanyard/mark of", shown)
        }
    }

    /// Puts a mark in the place of the one before; it is not flushed.
    public func write(_ mark: IndexMark) throws(FileSystemError) {
        do throws(Errno) { try file.writeAll(Self.bytes(mark), at: 0) } catch {
            throw FileSystemError(error, "write the index's mark .lanyard/mark of", shown)
        }
    }

    // MARK: Its format

    /// Six lines: a heading with the format's version; the device, the index's epoch, its log's last sequence, and the
    /// counter of its next edit in hexadecimal digits; the first eight bytes of the SHA-256 of all that. Every mark is
    /// of one length, so that each replaces the one before wholly.
    static func bytes(_ mark: IndexMark) -> [UInt8] {
        let numbers = [mark.epoch.number, mark.sequence, mark.nextEdit].map { Hexadecimal.encode($0.bigEndianBytes) }
        let lines = Array(([heading, "\(mark.device)"] + numbers).map { $0 + "\n" }.joined().utf8)
        return lines + Array((Hexadecimal.encode(Array(SHA256.hash(lines).bytes.prefix(8))) + "\n").utf8)
    }

    static let length = heading.utf8.count + 64 + 4 * 16 + 6

    static func mark(_ bytes: [UInt8]) -> IndexMark? {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 7, let device = DeviceID(text: lines[1]), let epoch = number(lines[2]),
            let sequence = number(lines[3]), let nextEdit = number(lines[4])
        else { return nil }
        let mark = IndexMark(
            device: device, epoch: IndexEpoch(epoch), sequence: sequence, nextEdit: nextEdit)
        return Self.bytes(mark) == bytes ? mark : nil
    }

    private static func number(_ text: Substring) -> UInt64? { UInt64(text, radix: 16) }
}
