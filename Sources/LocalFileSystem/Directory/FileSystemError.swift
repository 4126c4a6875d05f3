internal import CLinux
public import SyncModel

/// Why something could not be done on the disk. Two are equal when their codes are.
public struct FileSystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind it is.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Nothing stands there.
        case notFound
        /// Something stands there already.
        case exists
        /// The parent directory is missing, or a component of the path is no directory, symlinks included.
        case noParent
        /// A component lies on another mount (rule 14).
        case nestedMount
        case notEmpty
        case permissionDenied
        case diskFull
        case readOnlyFileSystem
        case nameTooLong
        case inputOutput
        /// Not of the kind that was asked for.
        case unsupportedKind
        /// Longer than `Limits` allow.
        case tooLarge
        /// The file system lacks the operation.
        case unsupported
        /// Another process has it open for writing (rule 10).
        case openForWriting
        /// It is not what it was taken for.
        case changed
        /// Bytes do not have the hash that was expected of them.
        case wrongContent
        /// Another agent holds the folder.
        case locked
        /// The path is inside another folder of Lanyard's, or another is inside it.
        case nestedFolder
        /// What stands at the folder's path is not the folder that was opened: an unmounted or other disk.
        case volumeChanged
        /// The directory carries the marker of another folder, or a damaged one.
        case wrongMarker
        case other
    }

    public let code: Code
    /// One sentence: what happened, to what, and what to do where something can be done.
    public let message: String
    /// The error number of the operating system, 0 if it had none.
    public let cause: Int32

    public init(_ code: Code, _ message: String, cause: Int32 = 0) {
        (self.code, self.message, self.cause) = (code, message, cause)
    }

    /// What failed while `doing` something to `subject`.
    init(_ errno: Errno, _ doing: String, _ subject: String) {
        let code = FileSystemError.code(of: errno.number)
        let hint = FileSystemError.hint(for: code)
        self.init(code, "cannot \(doing) \(subject): \(errno.text)\(hint)", cause: errno.number)
    }

    public var description: String { message }

    /// How it shows in the list of problems.
    public var problemKind: Problem.Kind {
        switch code {
        case .permissionDenied: .permissionDenied
        case .diskFull: .diskFull
        case .readOnlyFileSystem: .readOnlyFileSystem
        case .nameTooLong: .nameTooLong
        case .inputOutput: .inputOutput
        case .unsupportedKind: .unsupportedKind
        case .nestedMount: .nestedMount
        case .openForWriting: .openForWriting
        case .notEmpty: .notEmpty
        default: .other
        }
    }

    public static func == (left: FileSystemError, right: FileSystemError) -> Bool { left.code == right.code }
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }

    private static func code(of number: Int32) -> Code {
        switch number {
        case linux_ENOENT: .notFound
        case linux_EEXIST: .exists
        case linux_ENOTDIR, linux_ELOOP: .noParent
        case linux_EXDEV: .nestedMount
        case linux_ENOTEMPTY: .notEmpty
        case linux_EACCES, linux_EPERM: .permissionDenied
        case linux_ENOSPC, linux_EDQUOT: .diskFull
        case linux_EROFS: .readOnlyFileSystem
        case linux_ENAMETOOLONG: .nameTooLong
        case linux_EIO: .inputOutput
        case linux_ENXIO, linux_EISDIR: .unsupportedKind
        case linux_EFBIG, linux_E2BIG, linux_ERANGE: .tooLarge
        case linux_ENOSYS, linux_EOPNOTSUPP: .unsupported
        case linux_ETXTBSY: .openForWriting
        case linux_ESTALE: .changed
        default: .other
        }
    }

    private static func hint(for code: Code) -> String {
        switch code {
        case .permissionDenied: "; let the agent's user read and write there"
        case .diskFull: "; free space on that file system"
        case .readOnlyFileSystem: "; mount it for writing"
        case .nestedMount: "; another file system is mounted there, share it as a folder of its own"
        case .inputOutput: "; check the disk"
        default: ""
        }
    }
}
