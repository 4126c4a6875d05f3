import Chunking
import ControlAPI
import Cryptography
import SQLiteIndex
import SeededRandom
import SyncCore
import SyncEngine
import SyncModel
import TLSTransport
import Testing
import WireProtocol

@testable import AgentRuntime

/// The values that links, looks and services keep their books in.
@Suite struct ValueTests {
    @Test func aNumberUnderWayIsNeverGivenAgain() throws {
        var table = RequestTable()
        var (open, seen) = (Set<UInt32>(), 0)
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<5_000 {
            if Bool.random(using: &generator) || open.isEmpty {
                let number = table.open { _ in }
                #expect(number >= RequestTable.firstNumber)
                #expect(open.insert(number).inserted)
                seen += 1
            } else if let number = open.randomElement(using: &generator) {
                // A part that is not the last leaves it under way.
                let answers = [false, true, true].map { table.answer(number, isLast: $0) != nil }
                #expect(answers == [true, true, false])
                let isOpen = table.remove(number)
                #expect(!isOpen)
                open.remove(number)
            }
        }
        let (first, second) = (table.removeAll(), table.removeAll())
        #expect(first.count == open.count && second.isEmpty)
        let stranger = table.answer(5, isLast: true)
        #expect(stranger == nil)
    }

    @Test func whatIsHeldInlineIsCountedToTheByte() throws {
        let store = InlineStore(limitBytes: 1_000)
        var held: [InlineHandle: [UInt8]] = [:]
        var used: Set<InlineHandle> = []
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<3_000 {
            let bytes = generator.bytes(Int.random(in: 0...300, using: &generator))
            let sum = held.values.reduce(0) { $0 + $1.count }
            #expect(store.heldBytes == sum)
            if let handle = held.keys.randomElement(using: &generator), Bool.random(using: &generator) {
                #expect(store.peek(handle) == held[handle])
                #expect(store.take(handle) == held.removeValue(forKey: handle))
                store.release(handle)
                #expect(store.peek(handle) == nil)
            } else if let handle = store.put(bytes) {
                #expect(sum + bytes.count <= 1_000)
                #expect(used.insert(handle).inserted)
                held[handle] = bytes
            } else {
                #expect(sum + bytes.count > 1_000)
            }
        }
        store.removeAll()
        #expect(store.heldBytes == 0)
        #expect(store.put([UInt8](repeating: 0, count: 1_001)) == nil)
        #expect(store.put([UInt8](repeating: 0, count: 1_000)) != nil)
    }

    @Test(arguments: [0, 1, 8_192, 131_073, 400_000]) func aContentIsTakenByItsBytesAlone(size: Int) {
        var generator = SeededGenerator(seed: 3)
        let bytes = generator.bytes(size)
        let list = ChunkListBuilder.list(of: bytes)
        let verifier = InlineVerifier()
        // One verifier judges many, wrong ones between.
        for _ in 0..<2 {
            #expect(verifier.chunks(of: bytes[...], as: list.content) == Array(list))
            #expect(verifier.chunks(of: (bytes + [0])[...], as: list.content) == nil)
            #expect(verifier.chunks(of: bytes.dropLast(), as: list.content) == (size == 0 ? [] : nil))
            var wrong = bytes
            guard size > 0 else { continue }
            wrong[size / 2] ^= 1
            #expect(verifier.chunks(of: wrong[...], as: list.content) == nil)
        }
    }

    @Test func nodesOfAnotherTreeAreNotFoundInTheCache() throws {
        var generator = SeededGenerator(seed: 4)
        let lists = (0..<2).map { _ in ChunkListBuilder.list(of: generator.bytes(3_000_000)) }
        var (cache, loads) = (TreeCache(), 0)
        for _ in 0..<2 {
            for list in lists {
                let tree = try #require(ChunkTree(list))
                for node in tree.nodes {
                    let found = cache.node(node.hash, of: list.content) {
                        loads += 1
                        return Array(list)
                    }
                    #expect(found?.bytes == node.bytes)
                }
                let other = try #require(lists.first { $0.content != list.content }.flatMap { ChunkTree($0) })
                let foreign = try #require(other.nodes.map(\.hash).first)
                let none = cache.node(foreign, of: list.content) { nil }
                #expect(none == nil)
            }
        }
        // Each is loaded once for all its nodes.
        #expect(loads == 4)
        let missing = FileContent(size: 9, hash: ContentHash(.zero))
        let none = cache.node(.zero, of: missing) { nil }
        #expect(none == nil)
    }

    @Test func aBatchHasOneLookAtEachPathAndEndsInTime() throws {
        let started = Moment.now().monotonicNanoseconds
        var batch = ObservationBatch()
        let path = try RelativePath("a")
        #expect(batch.isEmpty && !batch.hasAbsent)
        batch.add(Observation(path: path, found: .absent))
        batch.add(Observation(path: path, found: .absent, movedTo: try RelativePath("b")))
        #expect(batch.hasAbsent)
        let taken = batch.take()
        #expect(taken.observations == [Observation(path: path, found: .absent)])
        let ended = Moment.now().monotonicNanoseconds
        #expect((started...ended).contains(taken.begun))
        #expect(batch.isEmpty && !batch.hasAbsent)
        for number in 0..<Limits.waveRecords {
            #expect(batch.isFull == (number >= Limits.waveRecords - 1))
            batch.add(Observation(path: try RelativePath("f\(number)"), found: .absent))
        }
        // What is looked at after a batch was taken is no older than that.
        let between = Moment.now().monotonicNanoseconds
        _ = batch.take()
        #expect(batch.take().begun >= between)
        var large = ObservationBatch()
        large.bytes = 64 << 20
        #expect(large.isFull)
    }

    @Test func whatIsInAGoneDirectoryIsCoveredByIt() throws {
        var departures = Departures()
        #expect(!departures.covers(try RelativePath("d/x")))
        departures.add(directory: try RelativePath("d"))
        for (name, isCovered) in [("d", false), ("d/x", true), ("d/x/y", true), ("d-x", false), ("dd/x", false)] {
            #expect(departures.covers(try RelativePath(name)) == isCovered, "\(name)")
        }
        var taken = 0
        while departures.add(file: try RelativePath("f")) { taken += 1 }
        #expect(taken == 65_536 && departures.files.count == taken)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func aBatchOfRowsStaysWithinItsBounds(seed: UInt64) throws {
        let node = try Node()
        defer { node.close() }
        var generator = SeededGenerator(seed: seed)
        let files = (0..<300).map {
            ("dir\($0 % 7)/f\($0)", generator.bytes(Int.random(in: 0...30_000, using: &generator)))
        }
        try node.add(files)
        let rows = try node.index.reader.log(after: 0, limit: 1_000).rows
        var (rest, builds) = (rows[...], 0)
        while !rest.isEmpty {
            var builder = BatchBuilder(services: node.services, inlineLimit: 20_000)
            let isWhole = builder.add(Array(rest))
            #expect(!builder.entries.isEmpty)
            #expect(isWhole == (builder.entries.count == rest.count))
            #expect(builder.last == rest.prefix(builder.entries.count).last?.sequence)
            let batch = IndexBatch(
                folder: folderA, epoch: node.index.status.epoch, after: 0, upTo: builder.last, head: 1_000, mark: nil,
                frontier: nil, entries: builder.entries)
            #expect(try WireCodec.encode(.indexBatch(batch)).payload.count <= Limits.frameBytes)
            for entry in builder.entries {
                guard case .record(let record, let inline) = entry.item else { continue }
                #expect((inline != nil) == (record.content.size <= 20_000))
            }
            rest = rest.dropFirst(builder.entries.count)
            builds += 1
        }
        #expect(builds > 1)
    }

    @Test func aPairingThatIsOverIsRemembered() {
        let log = PairingLog()
        func session(_ number: Int, _ state: PairingState = .comparing) -> PairingSession {
            PairingSession(
                session: "\(number)", code: "123456", peer: PairingPeer(id: "id", name: "name"),
                expires: Timestamp(seconds: Int64(number)), state: state)
        }
        log.note(session(1), ended: false, folder: folderA)
        log.note(session(1), ended: false)
        #expect(log.folder(of: "1") == folderA)
        log.confirm("1")
        #expect(log.session("1")?.state == .confirmed)
        // Only what the machine no longer has, and nobody said yes to, ran out.
        log.note(session(2), ended: false)
        #expect(log.sessions(underWay: []).map(\.state) == [.confirmed, .expired])
        log.end("1", as: .paired)
        log.end("1", as: .refused)
        log.confirm("1")
        #expect(log.session("1")?.state == .paired)
        #expect(log.sessions(underWay: [session(3)]).map(\.session) == ["1", "2", "3"])
        for number in 10..<200 { log.note(session(number, .refused), ended: true) }
        #expect(log.sessions(underWay: []).count <= 65)
        #expect(log.session("199") != nil)
    }

    @Test(arguments: [
        ("127.0.0.1:80", 1), ("[::1]:80", 1), ("localhost:80", 1), ("", 0), ("no port", 0), ("127.0.0.1", 0),
        ("127.0.0.1:65536", 0), ("[::1:80", 0), ("nothing.invalid:80", 0), ("256.1.1.1:1", 0),
    ])
    func textBecomesAddressesOrNothing(text: String, least: Int) {
        let found = AddressResolver.resolve(text)
        #expect(found.count >= least)
        if least == 0 { #expect(found.isEmpty) }
        #expect(found.count <= Limits.dialCandidates)
    }

    @Test func awildcardIsWhereOthersReachUs() throws {
        let plain = try SocketAddress(text: "127.0.0.1:5")
        #expect(AddressResolver.expand([plain]) == ["127.0.0.1:5"])
        #expect(AddressResolver.expand([]) == [])
        let all = AddressResolver.expand([try SocketAddress(text: "0.0.0.0:7")])
        #expect(!all.isEmpty && all.allSatisfy { $0.hasSuffix(":7") && !$0.hasPrefix("0.0.0.0") && !$0.hasPrefix("[") })
        let many = [SocketAddress](repeating: plain, count: 100)
        #expect(AddressResolver.expand(many).count == Limits.addresses)
    }
}
