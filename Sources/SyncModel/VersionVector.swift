/// Who edits: a device in one epoch of its index (rule 1).
public struct Author: Hashable, Comparable, Sendable {
    public let device: DeviceID
    public let epoch: IndexEpoch

    public init(device: DeviceID, epoch: IndexEpoch) { (self.device, self.epoch) = (device, epoch) }

    public static func < (left: Author, right: Author) -> Bool {
        left.device == right.device ? left.epoch < right.epoch : left.device < right.device
    }
}

/// One edit: the author and its folder-wide, never reused counter, from 1.
public struct Origin: Hashable, Comparable, Sendable {
    public let author: Author
    public let counter: UInt64

    public init(author: Author, counter: UInt64) { (self.author, self.counter) = (author, counter) }

    public static func < (left: Origin, right: Origin) -> Bool {
        left.author == right.author ? left.counter < right.counter : left.author < right.author
    }
}

/// What a record's content has seen: for each author the highest counter. Also a device's frontier: the highest
/// counter of each author that it has durably covered. Logical only, never a clock.
public struct VersionVector: Hashable, Sendable {
    /// How two versions relate.
    public enum Relation: Hashable, Sendable {
        case equal
        case before
        case after
        case concurrent
    }

    /// Sorted by author, one entry an author, no counter 0.
    public private(set) var entries: [Origin]

    /// The empty vector: before every other.
    public init() { entries = [] }

    /// Exactly `{origin}`: the version of a conflict copy (rule 5) and of a first edit.
    public init(_ origin: Origin) { entries = origin.counter == 0 ? [] : [origin] }

    /// From entries in any order; for an author named twice the higher counter holds.
    public init(_ origins: some Sequence<Origin>) {
        self.init()
        for origin in origins { insert(origin) }
    }

    /// From entries that ascend by author, each author once, no counter 0; nil where they do not. Nothing is copied.
    public init?(ascending origins: [Origin]) {
        for index in origins.indices {
            guard origins[index].counter > 0 else { return nil }
            if index > 0, !(origins[index - 1].author < origins[index].author) { return nil }
        }
        entries = origins
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// The counter of `author`, 0 if it has none.
    public subscript(author: Author) -> UInt64 {
        let index = position(of: author)
        return index < entries.count && entries[index].author == author ? entries[index].counter : 0
    }

    /// Whether the edit `origin` has been seen.
    public func covers(_ origin: Origin) -> Bool { self[origin.author] >= origin.counter }

    /// Whether all that `other` has seen, this has seen too: `.equal` or `.after`.
    public func covers(_ other: VersionVector) -> Bool {
        let relation = compared(to: other)
        return relation == .equal || relation == .after
    }

    /// Raises the entry of `origin.author` to at least `origin.counter`.
    public mutating func insert(_ origin: Origin) {
        guard origin.counter > 0 else { return }
        let index = position(of: origin.author)
        if index < entries.count, entries[index].author == origin.author {
            if entries[index].counter < origin.counter { entries[index] = origin }
        } else {
            entries.insert(origin, at: index)
        }
    }

    /// This vector with one more edit in it.
    public func inserting(_ origin: Origin) -> VersionVector {
        var copy = self
        copy.insert(origin)
        return copy
    }

    /// The least vector that covers both.
    public func joined(with other: VersionVector) -> VersionVector {
        if self == other || other.isEmpty { return self }
        if isEmpty { return other }
        var result = self
        for entry in other.entries { result.insert(entry) }
        return result
    }

    /// How this vector stands to another: equal, before, after or beside it.
    public func compared(to other: VersionVector) -> Relation {
        var before = false
        var after = false
        var left = 0
        var right = 0
        while left < entries.count || right < other.entries.count {
            if right == other.entries.count
                || (left < entries.count && entries[left].author < other.entries[right].author)
            {
                after = true
                left += 1
            } else if left == entries.count || other.entries[right].author < entries[left].author {
                before = true
                right += 1
            } else {
                if entries[left].counter < other.entries[right].counter { before = true }
                if entries[left].counter > other.entries[right].counter { after = true }
                left += 1
                right += 1
            }
            if before && after { return .concurrent }
        }
        return before ? .before : after ? .after : .equal
    }

    private func position(of author: Author) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].author < author { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
