/// Where a record lives in its folder: components of raw bytes joined by `/`, never normalised.
///
/// Every value is safe to resolve below a folder: no empty component, no `.` or `..`, no NUL, no leading or trailing
/// slash, within `Limits`. `.lanyard` as the first component is refused: that directory is ours and is never synced.
///
/// The order is that of a walk: component by component, a directory right before what is in it.
public struct RelativePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Why bytes are no path of a folder.
    public enum Refusal: Error, Hashable, Sendable {
        case empty
        case tooLong(bytes: Int)
        case tooDeep(components: Int)
        case componentTooLong(bytes: Int)
        case emptyComponent
        case dotComponent
        case containsNUL
        case reserved
    }

    /// The name of our own directory in a folder's root.
    public static let reservedName: [UInt8] = Array(".lanyard".utf8)

    /// The bytes, components joined by `/`.
    public let bytes: [UInt8]

    /// Checks every rule above. The bytes are copied: a path that shared the buffer in which a walk puts names together
    /// would keep all of that buffer, and there are very many paths.
    public init(_ bytes: some Collection<UInt8>) throws(Refusal) {
        let bytes = bytes.withContiguousStorageIfAvailable { Array($0) } ?? Array(bytes)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Limits.pathBytes else { throw .tooLong(bytes: bytes.count) }
        var start = 0
        var components = 0
        for index in 0...bytes.count {
            if index < bytes.count {
                if bytes[index] == 0 { throw .containsNUL }
                if bytes[index] != RelativePath.separator { continue }
            }
            try RelativePath.check(bytes[start..<index], first: components == 0)
            components += 1
            start = index + 1
        }
        guard components <= Limits.pathComponents else { throw .tooDeep(components: components) }
        self.bytes = bytes
    }

    /// From text, as UTF-8.
    public init(_ text: String) throws(Refusal) { try self.init(Array(text.utf8)) }

    private init(trusted bytes: [UInt8]) { self.bytes = bytes }

    private static let separator = UInt8(ascii: "/")

    private static func check(_ component: ArraySlice<UInt8>, first: Bool) throws(Refusal) {
        if component.isEmpty { throw .emptyComponent }
        if component.count > Limits.nameBytes { throw .componentTooLong(bytes: component.count) }
        if component.first == UInt8(ascii: "."), component.count == 1 || component.elementsEqual([0x2e, 0x2e]) {
            throw .dotComponent
        }
        if first, component.elementsEqual(reservedName) { throw .reserved }
    }

    /// The names from the root down.
    public var components: [ArraySlice<UInt8>] { bytes.split(separator: RelativePath.separator) }

    /// The last component.
    public var name: ArraySlice<UInt8> {
        guard let slash = bytes.lastIndex(of: RelativePath.separator) else { return bytes[...] }
        return bytes[(slash + 1)...]
    }

    /// The directory that holds it, or nil for one directly in the folder's root.
    public var parent: RelativePath? {
        guard let slash = bytes.lastIndex(of: RelativePath.separator) else { return nil }
        return RelativePath(trusted: Array(bytes[..<slash]))
    }

    /// How many components it has, at least 1.
    public var depth: Int { bytes.reduce(1) { $0 + ($1 == RelativePath.separator ? 1 : 0) } }

    /// `name` in this directory.
    public func appending(_ name: some Collection<UInt8>) throws(Refusal) -> RelativePath {
        try RelativePath(bytes + [RelativePath.separator] + Array(name))
    }

    /// The same directory with another last component.
    public func replacingName(with name: some Collection<UInt8>) throws(Refusal) -> RelativePath {
        guard let parent else { return try RelativePath(name) }
        return try parent.appending(name)
    }

    /// Whether it lies below `directory`, at any depth; a path is not below itself.
    public func isBelow(_ directory: RelativePath) -> Bool {
        bytes.count > directory.bytes.count && bytes[directory.bytes.count] == RelativePath.separator
            && bytes.starts(with: directory.bytes)
    }

    /// The path that this becomes when `source`, which is it or above it, is renamed to `target`; nil if it is neither.
    public func rebased(from source: RelativePath, to target: RelativePath) throws(Refusal) -> RelativePath? {
        if self == source { return target }
        guard isBelow(source) else { return nil }
        return try RelativePath(target.bytes + bytes[source.bytes.count...])
    }

    /// For people: invalid UTF-8 is replaced. Never parsed back.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// Bytes whose plain byte order is the order of paths: `/` becomes NUL, which no path contains.
    public var sortKey: [UInt8] { bytes.map { $0 == RelativePath.separator ? 0 : $0 } }

    /// The inverse of `sortKey`, checked.
    public init(sortKey: some Collection<UInt8>) throws(Refusal) {
        // As an array at once: the rest is then compiled for it, not for any collection.
        var bytes = Array(sortKey)
        for index in bytes.indices {
            if bytes[index] == RelativePath.separator { throw .emptyComponent }
            if bytes[index] == 0 { bytes[index] = RelativePath.separator }
        }
        try self.init(bytes)
    }

    public static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.bytes.withUnsafeBufferPointer { left in
            right.bytes.withUnsafeBufferPointer { right in
                let shared = min(left.count, right.count)
                for index in 0..<shared where left[index] != right[index] {
                    if left[index] == separator { return true }
                    if right[index] == separator { return false }
                    return left[index] < right[index]
                }
                return left.count < right.count
            }
        }
    }

    // At once: an array hashes its elements one by one.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.count)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension RelativePath.Refusal: CustomStringConvertible {
    /// The end of a sentence for a person.
    public var description: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong(let bytes): "it has \(bytes) bytes, and may have \(Limits.pathBytes)"
        case .tooDeep(let components): "it has \(components) components, and may have \(Limits.pathComponents)"
        case .componentTooLong(let bytes): "one of its names has \(bytes) bytes, and may have \(Limits.nameBytes)"
        case .emptyComponent: "it begins or ends with a slash, or has two in a row"
        case .dotComponent: "it holds '.' or '..'; write it without them"
        case .containsNUL: "it holds NUL"
        case .reserved: ".lanyard is Lanyard's own directory"
        }
    }
}
