import SyncModel
import Testing
import WireProtocol

/// Every bound of a field: the greatest value goes over the wire, and one more is refused at both ends.
@Suite struct LimitTests {
    /// A message with one field at its bound.
    struct Bound: Sendable, CustomTestStringConvertible {
        var name: String
        /// The bound; on the wire a number of the variable form, once.
        var greatest: UInt64
        /// The message whose field has this value, count or length.
        var make: @Sendable (UInt64) throws -> Message

        init(_ name: String, _ greatest: UInt64, _ make: @escaping @Sendable (UInt64) throws -> Message) {
            (self.name, self.greatest, self.make) = (name, greatest, make)
        }

        init(_ name: String, _ greatest: Int, _ make: @escaping @Sendable (UInt64) throws -> Message) {
            self.init(name, UInt64(greatest), make)
        }

        var testDescription: String { name }
    }

    /// The number in its variable form.
    private static func bytes(_ value: UInt64) -> [UInt8] {
        value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + bytes(value >> 7)
    }

    @Test(arguments: Bound.all) func theBoundIsTakenAndOneMoreIsNot(bound: Bound) throws {
        let message = try bound.make(bound.greatest)
        let frame = try WireCodec.encode(message)
        #expect(try WireCodec.decode(frame) == message)
        #expect(throws: WireError(.overLimit, "")) { try WireCodec.encode(try bound.make(bound.greatest + 1)) }
        // What a sender that doesn't mind the bound would send: the number alone tells that it is too large.
        let written = LimitTests.bytes(bound.greatest)
        let places = frame.payload.indices.filter { frame.payload[$0...].starts(with: written) }
        let place = try #require(places.first)
        #expect(places.count == 1, "the bound can't be told from something else")
        var forged = frame
        forged.payload.replaceSubrange(place..<place + written.count, with: LimitTests.bytes(bound.greatest + 1))
        #expect(throws: WireError(.overLimit, "")) { try WireCodec.decode(forged) }
    }

    /// Paths and hashes of one question are bounded together.
    @Test func pathsAndHashesAreCountedTogether() throws {
        func wanted(_ paths: Int, _ hashes: Int) throws -> Message {
            .recordsWanted(
                RecordsWanted(
                    request: 1, folder: Bound.folder, paths: try Bound.paths(paths), pathHashes: Bound.hashes(hashes)))
        }
        for paths in [0, 1, Limits.batchRecords / 2, Limits.batchRecords] {
            let rest = Limits.batchRecords - paths
            let message = try wanted(paths, rest)
            #expect(try WireCodec.decode(WireCodec.encode(message)) == message)
            #expect(throws: WireError(.overLimit, "")) { try WireCodec.encode(try wanted(paths, rest + 1)) }
        }
    }

    @Test func aPathIsBoundedInBytesAndComponents() throws {
        func query(_ path: [UInt8]) throws -> Message {
            let item = EverHeldQuery.Item(path: try RelativePath(path), content: Bound.content(1))
            return .everHeldQuery(EverHeldQuery(request: 1, folder: Bound.folder, items: [item]))
        }
        let name = [UInt8](repeating: 0x6e, count: Limits.nameBytes) + [0x2f]
        let longest = Array((0..<16).flatMap { _ in name }.prefix(Limits.pathBytes))
        let deepest = Array(repeating: [0x6e, 0x2f] as [UInt8], count: Limits.pathComponents).flatMap(\.self).dropLast()
        for path in [longest, Array(deepest)] {
            let frame = try WireCodec.encode(try query(path))
            #expect(try WireCodec.decode(frame) == query(path))
            // One more character at its end, and one more component.
            for more in [[0x6e], [0x2f, 0x6e]] as [[UInt8]] where path.count + more.count > Limits.pathBytes {
                let written = LimitTests.bytes(UInt64(path.count)) + path
                let place = try #require(frame.payload.indices.first { frame.payload[$0...].starts(with: written) })
                var forged = frame
                forged.payload.replaceSubrange(
                    place..<place + written.count, with: LimitTests.bytes(UInt64(path.count + more.count)) + path + more
                )
                #expect(throws: WireError(.overLimit, "")) { try WireCodec.decode(forged) }
            }
        }
        #expect(throws: (any Error).self) { try query(Array(deepest) + [0x2f, 0x6e]) }
    }

    /// What is smallest of its kind is counted as what it takes: a list of such is no message that is cut.
    @Test(arguments: 0...40) func theSmallestItemsComeBack(count: Int) throws {
        let membership = MembershipRecord(
            folder: Bound.folder, action: .add, device: DeviceID(.zero), incarnation: 1, role: .readWrite,
            deviceName: "n", predecessors: [], knownFrontier: VersionVector(), signer: DeviceID(.zero), signerKey: [],
            signature: [])
        let records = [MembershipRecord](repeating: membership, count: count)
        let folders = (0..<UInt64(count)).map { FolderID(high: 0, low: $0) }
        let entries = try (0..<UInt64(count)).map { number in
            // A path that is a part of the one before takes the least.
            let path = try RelativePath(number.isMultiple(of: 2) ? "a/b" : "a")
            return IndexEntry(sequence: number + 1, item: .record(Bound.directory(path), inline: nil))
        }
        let messages: [Message] = [
            .membership(MembershipUpdate(folder: Bound.folder, records: records)),
            .introduction(MembershipUpdate(folder: Bound.folder, records: records)),
            .folderOffer(folders.map { FolderOffer(folder: $0, name: "n", records: []) }),
            .folderOffer([FolderOffer(folder: Bound.folder, name: "n", records: records)]),
            .joinReply(
                .accepted(
                    JoinAcceptance(folder: Bound.folder, folderName: "n", role: .keeper, records: records))),
            .pairConfirm(
                PairConfirm(
                    accepted: false, authenticator: .zero,
                    folders: folders.map { PairFolder(folder: $0, name: "n", neverShared: false, files: 0) })),
            Bound.batch(entries),
            .records(Records(request: 0, epoch: IndexEpoch(0), entries: entries, last: false)),
            .recordsWanted(
                RecordsWanted(
                    request: 0, folder: Bound.folder, paths: try Bound.paths(count), pathHashes: Bound.hashes(count))),
            .bucketListing(
                BucketListing(
                    request: 0,
                    items: Bound.hashes(count).map { BucketListing.Item(pathHash: $0, recordDigest: $0) },
                    last: true)),
            .everHeldQuery(
                EverHeldQuery(
                    request: 0, folder: Bound.folder,
                    items: try Bound.paths(count).map { EverHeldQuery.Item(path: $0, content: Bound.content(0)) })),
            .everHeldAnswer(EverHeldAnswer(request: 0, held: [Bool](repeating: false, count: count))),
            .acknowledge(
                Acknowledge(
                    folder: Bound.folder, epoch: IndexEpoch(0), upTo: 0, frontier: Bound.vector(UInt64(count)))),
        ]
        for message in messages {
            #expect(try WireCodec.decode(WireCodec.encode(message)) == message, "\(message.type)")
        }
    }
}
