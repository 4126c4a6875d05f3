internal import CLinux

/// An open file or directory, closed with its last reference.
public final class Descriptor: Sendable {
    /// The descriptor's number: valid as long as this object is held.
    public let number: Int32

    /// Takes over an open descriptor.
    init(owning number: Int32) { self.number = number }

    deinit { _ = linux_close(number) }

    /// The stat of what is open.
    func stat() throws(Errno) -> EntryStat {
        var found = linux_stat()
        try Errno.check(linux_statfd(number, &found))
        return EntryStat(found)
    }
}

/// A directory that names are resolved in: opened for one operation, or the root's own.
struct ParentDirectory: ~Copyable {
    let number: Int32
    private let isOwned: Bool

    init(owning number: Int32) { (self.number, isOwned) = (number, true) }
    /// The owner must outlive this value.
    init(borrowing number: Int32) { (self.number, isOwned) = (number, false) }

    deinit { if isOwned { _ = linux_close(number) } }
}
