import SeededRandom
import SyncModel
import WireProtocol

extension SeededGenerator {
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func chance() -> Bool { Bool.random(using: &self) }
    /// In the order in which the vectors were made.
    mutating func octets(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
    mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }
}

/// Valid random values of everything that goes over the wire.
struct Sampler {
    var random: SeededGenerator
    let devices: [DeviceID]
    let authors: [Author]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let devices = (0..<4).map { _ in DeviceID(Sampler.bytes32(&random)) }
        authors = devices.flatMap { device in
            (0..<2).map { _ in Author(device: device, epoch: IndexEpoch(random.next())) }
        }
        self.devices = devices
        self.random = random
    }

    static func bytes32(_ random: inout SeededGenerator) -> Bytes32 {
        guard let bytes = Bytes32(random.octets(32)) else { return .zero }
        return bytes
    }

    mutating func bytes32() -> Bytes32 { Sampler.bytes32(&random) }
    mutating func bytes16() -> Bytes16 { Bytes16(high: random.next(), low: random.next()) }
    mutating func folder() -> FolderID { FolderID(high: random.next(), low: random.next()) }
    mutating func epoch() -> IndexEpoch { IndexEpoch(random.next()) }

    /// Of any order of magnitude up to `limit`.
    mutating func number(_ limit: UInt64 = Limits.counter, least: UInt64 = 0) -> UInt64 {
        let value = random.next() >> UInt64(random.below(64))
        return max(least, limit == .max ? value : value % (limit + 1))
    }

    mutating func name(_ limit: Int) -> String {
        let alphabet = Array("abcXYZ019 -_.äß€😀")
        let count = 1 + random.below(max(1, limit / 8))
        return String((0..<count).map { _ in random.pick(alphabet) })
    }

    mutating func path(after previous: RelativePath? = nil) -> RelativePath {
        var components = previous.map { $0.components.map(Array.init) } ?? []
        components = Array(components.prefix(random.below(components.count + 1)))
        for _ in 0...random.below(3) {
            components.append(
                [UInt8(ascii: "n")] + (0..<random.below(20)).map { _ in random.pick([0x61, 0x62, 0xff, 0x20]) })
        }
        let bytes = Array(components.joined(separator: [UInt8(ascii: "/")]))
        guard let path = try? RelativePath(bytes) else { preconditionFailure("the sampler made no path") }
        return path
    }

    mutating func paths(_ count: Int) -> [RelativePath] { Set((0..<count).map { _ in path() }).sorted() }
    mutating func content() -> FileContent { FileContent(size: number(Limits.fileBytes), hash: ContentHash(bytes32())) }
    mutating func origin() -> Origin { Origin(author: random.pick(authors), counter: number(least: 1)) }
    mutating func vector() -> VersionVector { VersionVector((0..<random.below(5)).map { _ in origin() }) }
    mutating func stamp() -> Stamp { Stamp(counter: number(Limits.stampCounter), device: random.pick(devices)) }

    mutating func record(at path: RelativePath) -> FileRecord {
        let origin = origin()
        let version = random.chance() ? VersionVector(origin) : vector().inserting(origin)
        var record = FileRecord(
            path: path, content: .directory, version: version, origin: origin, edits: number(least: 1))
        switch random.below(5) {
        case 0, 1: record.content = .file(content())
        case 2: break
        case 3: record.content = .symlink(target: [0x2e, 0x2e] + Array("/target".utf8))
        default: record.content = .deleted(movedTo: random.chance() ? self.path() : nil)
        }
        if case .deleted(movedTo: path) = record.content { record.content = .deleted(movedTo: nil) }
        addMetadata(to: &record)
        if random.below(8) == 0 { record.movedFrom = MoveSource(path: self.path(), origin: self.origin()) }
        if random.below(8) == 0 { record.conflictOf = self.path() }
        if !record.isDeleted, random.below(8) == 0 {
            record.lineage = (0..<random.below(Limits.lineagePlaces)).map { _ in
                Place(path: self.path(), arrival: self.origin(), edit: random.chance() ? self.origin() : nil)
            }
            record.lineage.append(Place(path: path, arrival: origin))
        }
        if record.movedFrom?.path == path { record.movedFrom = nil }
        if record.conflictOf == path { record.conflictOf = nil }
        return record
    }

    private mutating func addMetadata(to record: inout FileRecord) {
        guard !record.isDeleted else { return }
        if !record.content.isDirectory, random.chance() {
            let time = Timestamp(
                seconds: Int64(bitPattern: random.next()) >> Int64(random.below(64)),
                nanoseconds: UInt32(random.below(1_000_000_000)))
            record.modified = Stamped(time, at: stamp())
        }
        if case .symlink = record.content { return }
        if random.chance() { record.mode = Stamped(FileMode(UInt16(random.below(0o1000))), at: stamp()) }
        guard random.below(4) == 0 else { return }
        record.attributes = ["user.a", "user.b", "user.long name"].map { name in
            let value = random.chance() ? random.octets(random.below(40)) : nil
            return ExtendedAttribute(name: Array(name.utf8), value: Stamped(value, at: stamp()))
        }
    }

    mutating func membership(of folder: FolderID) -> MembershipRecord {
        MembershipRecord(
            folder: folder, action: random.chance() ? .add : .remove, device: random.pick(devices),
            incarnation: number(least: 1), role: random.pick(Role.allCases), deviceName: name(Limits.deviceNameBytes),
            predecessors: Set((0..<random.below(3)).map { _ in bytes32() }).sorted(), knownFrontier: vector(),
            signer: random.pick(devices), signerKey: random.octets(91), signature: random.octets(70))
    }

    mutating func optional<Value>(_ value: Value) -> Value? { random.chance() ? value : nil }
}
