internal import Glibc
public import LanHosts

/// What processes did to directories, in the order in which it was done: the log of the library in `crash-points`,
/// whose `CrashPoints.h` tells its bytes.
public struct EffectLog {
    let bytes: [UInt8]
    /// All but the end of a process.
    public private(set) var effects: [Effect] = []
    /// The effect before which a process killed itself, with its number; nil if none did.
    public private(set) var killed: String?
    /// Where in `effects` that was, and which process it was.
    private var end: Int?
    private var killer: Int32?

    /// - Throws: if the log can't be read, or tells of an effect that can't be replayed.
    public init(at path: String) throws(LanError) {
        bytes = try DiskImage.content(of: path)
        var offset = 0
        while offset < bytes.count {
            guard let effect = Effect(bytes, at: &offset) else {
                throw LanError("\(path) is cut off at \(offset) of \(bytes.count)")
            }
            switch effect.kind {
            case .killed:
                (killed, end) = ("\(effect.number): \(effect.name)", effects.count)
                killer = effect.process
            case .unknown: throw LanError("an effect that can't be replayed: \(effect.name)")
            default: effects.append(effect)
            }
        }
    }
}

extension EffectLog {
    /// How many each process had.
    private var counts: [Int32: Int] {
        effects.reduce(into: [:]) { $0[$1.process, default: 0] += 1 }
    }

    /// The process that killed itself, or the one that did most.
    var agent: Int32? { killer ?? counts.max { $0.value < $1.value }?.key }

    /// How many effects it had.
    public var ofAgent: Int { agent.flatMap { counts[$0] } ?? 0 }

    /// What it was after each flush, in their order: nothing is durable that was not before, until the next.
    public var flushes: [EffectLog] {
        effects.indices.filter { [.sync, .syncAll].contains(effects[$0].kind) }.map { last in
            var log = self
            log.effects = Array(effects[...last])
            return log
        }
    }

    /// As if some kinds of flushes had not been called: `all` (syncfs), `file` (fsync), `data` (fdatasync). What is
    /// checked must fail then.
    public func deaf(to kinds: Set<String>) -> EffectLog {
        var log = self
        log.effects.removeAll { effect in
            switch effect.kind {
            case .syncAll: kinds.contains("all")
            case .sync: kinds.contains(effect.number == 1 ? "data" : "file")
            default: false
            }
        }
        return log
    }

    /// Without what others did after the process had killed itself.
    public var untilKilled: EffectLog {
        var log = self
        log.effects = Array(effects.prefix(end ?? effects.count))
        return log
    }
}

/// One call that changed something below a root, or made something durable.
public struct Effect {
    enum Kind: UInt64 {
        case create = 1
        case link, unlink, rename, write, truncate, metadata, attribute, sync, syncAll, killed, unknown
    }

    /// An inode after the effect.
    struct Stat {
        var inode: UInt64
        var mode: UInt32
        var size: Int
        var modified: Int64
        var changed: Int64
    }

    let kind: Kind
    /// Whose it is.
    public let process: Int32
    let parent: UInt64
    let targetParent: UInt64
    let number: UInt64
    let name: String
    let targetName: String
    /// Where in the log the data are.
    let data: Range<Int>
    let entry: Stat
    let other: Stat

    private static let words = 18

    init?(_ bytes: [UInt8], at offset: inout Int) {
        let header = offset..<offset + Self.words * 8
        guard header.upperBound <= bytes.count else { return nil }
        let words = bytes[header].withUnsafeBytes { raw in
            (0..<Self.words).map { raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
        }
        guard let kind = Kind(rawValue: words[0]) else { return nil }
        self.kind = kind
        process = Int32(truncatingIfNeeded: words[1])
        (parent, targetParent, number) = (words[2], words[3], words[4])
        let lengths = words[5...7].map { Int($0) }
        let start = header.upperBound
        guard start + lengths.reduce(0, +) <= bytes.count else { return nil }
        name = String(decoding: bytes[start..<start + lengths[0]], as: UTF8.self)
        targetName = String(decoding: bytes[start + lengths[0]..<start + lengths[0] + lengths[1]], as: UTF8.self)
        data = start + lengths[0] + lengths[1]..<start + lengths.reduce(0, +)
        (entry, other) = (Stat(words[8...12]), Stat(words[13...17]))
        offset = data.upperBound
    }
}

extension Effect.Stat {
    init(_ words: ArraySlice<UInt64>) {
        let words = Array(words)
        self.init(
            inode: words[0], mode: UInt32(truncatingIfNeeded: words[1]), size: Int(words[2]),
            modified: Int64(bitPattern: words[3]), changed: Int64(bitPattern: words[4]))
    }
}
