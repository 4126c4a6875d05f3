/// What the file system of a folder can do, found out by trying when the folder is added.
public struct FileSystemFeatures: Hashable, Sendable {
    /// renameat2 with RENAME_EXCHANGE; without it rule 11's sequence is used.
    public var exchanges: Bool
    /// renameat2 with RENAME_NOREPLACE.
    public var refusesReplacing: Bool
    public var leases: Bool
    public var attributes: Bool
    public var clones: Bool
    public var hardLinks: Bool
    public var symlinks: Bool
    /// Unnamed files (O_TMPFILE).
    public var unnamedFiles: Bool
    /// Whether permission bits are kept as set.
    public var modes: Bool
    /// How finely mtimes are kept: 1 or a power of ten, up to 2·10^9.
    public var timestampNanoseconds: UInt64
    /// Whether `a` and `A` are one name.
    public var ignoresCase: Bool
    public var nameBytes: Int

    public init(
        exchanges: Bool, refusesReplacing: Bool, leases: Bool, attributes: Bool, clones: Bool, hardLinks: Bool,
        symlinks: Bool, unnamedFiles: Bool, modes: Bool, timestampNanoseconds: UInt64, ignoresCase: Bool, nameBytes: Int
    ) {
        self.exchanges = exchanges
        self.refusesReplacing = refusesReplacing
        self.leases = leases
        self.attributes = attributes
        self.clones = clones
        self.hardLinks = hardLinks
        self.symlinks = symlinks
        self.unnamedFiles = unnamedFiles
        self.modes = modes
        self.timestampNanoseconds = timestampNanoseconds
        self.ignoresCase = ignoresCase
        self.nameBytes = nameBytes
    }
}
