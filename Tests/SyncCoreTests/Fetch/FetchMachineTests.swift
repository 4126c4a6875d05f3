import ModelFolder
import SyncModel
import Testing

@testable import SyncCore

@Suite struct FetchMachineTests {
    static func content(_ number: UInt64, size: Int) -> FileContent {
        FileContent(size: UInt64(size), hash: ContentHash(sampleBytes(number)))
    }

    // MARK: Laws

    @Test func severalSourcesWorkAtOnceOnOtherChunks() {
        var machine = FetchMachine()
        let (a, b) = (sampleDevice(1), sampleDevice(2))
        let lengths = [UInt32](repeating: 100_000, count: 100)
        let content = Self.content(1, size: 10_000_000)
        machine.open(a)
        machine.open(b)
        machine.add(content, priority: .normal, sources: [a, b])
        machine.want([ChunkSpan(chunks: 0..<100, offset: 0)], lengths: lengths, of: content)
        var spans: [DeviceID: [Range<Int>]] = [:]
        for peer in [a, b, a, b] {
            guard case .chunks(let span, let length)? = machine.next(for: peer, now: 0)?.item else { continue }
            #expect(length == 500_000)
            #expect(span.offset == UInt64(span.chunks.lowerBound) * 100_000)
            spans[peer, default: []].append(span.chunks)
        }
        #expect(spans == [a: [0..<5, 10..<15], b: [5..<10, 15..<20]])
    }

    @Test func priorityGoesFirstThenWhatOneRequestTakesThenArrival() {
        var machine = FetchMachine()
        let peer = sampleDevice(1)
        machine.open(peer)
        let orders: [(UInt64, FetchPriority, Int)] = [
            (1, .bulk, 10), (2, .normal, 900_000), (3, .normal, 10), (4, .normal, 20), (5, .urgent, 900_000),
        ]
        for (number, priority, size) in orders {
            let content = Self.content(number, size: size)
            machine.add(content, priority: priority, sources: [peer])
            let lengths = size > 100_000 ? [UInt32](repeating: 100_000, count: 9) : [UInt32(size)]
            machine.want([ChunkSpan(chunks: 0..<lengths.count, offset: 0)], lengths: lengths, of: content)
        }
        var asked: [UInt64] = []
        while let request = machine.next(for: peer, now: 0) {
            asked.append(orders.first { Self.content($0.0, size: $0.2) == request.content }?.0 ?? 0)
        }
        #expect(asked == [5, 5, 3, 4, 2, 2, 1])
    }

    @Test func largeContentsLeaveRoomToSmallOnes() {
        var machine = FetchMachine()
        let peer = sampleDevice(1)
        machine.open(peer)
        let large = Self.content(1, size: 100_000_000)
        machine.add(large, priority: .urgent, sources: [peer])
        machine.want(
            [ChunkSpan(chunks: 0..<1_000, offset: 0)], lengths: [UInt32](repeating: 100_000, count: 1_000), of: large)
        var bytes = 0
        while let request = machine.next(for: peer, now: 0) { bytes += request.length }
        #expect(bytes <= Limits.requestedBytes - Limits.smallRequestedBytes)
        #expect(bytes > Limits.requestedBytes - Limits.smallRequestedBytes - Limits.requestBytes)
        let small = Self.content(2, size: 1_000)
        machine.add(small, priority: .bulk, sources: [peer])
        machine.want([ChunkSpan(chunks: 0..<1, offset: 0)], lengths: [1_000], of: small)
        let next = machine.next(for: peer, now: 0)?.content
        #expect(next == small)
    }

    @Test func theLastSourceGoneIsAReason() {
        let (a, b) = (sampleDevice(1), sampleDevice(2))
        let cases: [(FetchMiss?, FetchMiss?, FetchMiss)] = [
            (.notFound, .changed, .changed), (.notFound, nil, .notFound), (nil, nil, .disconnected),
            (.busy, .wrongBytes, .wrongBytes),
        ]
        for (first, second, expected) in cases {
            var machine = FetchMachine()
            let content = Self.content(1, size: 10)
            machine.add(content, priority: .normal, sources: [a, b])
            machine.want([ChunkSpan(chunks: 0..<1, offset: 0)], lengths: [10], of: content)
            for (peer, miss) in [(a, first), (b, second)] {
                machine.open(peer)
                guard let request = machine.next(for: peer, now: 0) else { continue }
                let hopeless1 = machine.takeHopeless().map(\.miss)
                #expect(hopeless1 == [])
                if let miss { machine.failed(request.token, miss) } else { machine.close(peer) }
            }
            let hopeless2 = machine.takeHopeless().map(\.miss)
            #expect(hopeless2 == [expected])
            #expect(machine.count == 0)
        }
        var machine = FetchMachine()
        let content = Self.content(1, size: 10)
        machine.add(content, priority: .normal, sources: [])
        let hopeless3 = machine.takeHopeless().map(\.miss)
        #expect(hopeless3 == [])
        machine.want([ChunkSpan(chunks: 0..<1, offset: 0)], lengths: [10], of: content)
        let hopeless4 = machine.takeHopeless().map(\.miss)
        #expect(hopeless4 == [.none])
    }

    @Test func aPeerThatGivesNothingIsStalled() {
        var machine = FetchMachine()
        let peer = sampleDevice(1)
        machine.open(peer)
        let content = Self.content(1, size: 30)
        machine.add(content, priority: .normal, sources: [peer])
        #expect(machine.stalled(now: .max / 2).isEmpty)
        machine.want([ChunkSpan(chunks: 0..<3, offset: 0)], lengths: [10, 10, 10], of: content)
        let token = machine.next(for: peer, now: 1_000)?.token ?? 0
        #expect(machine.stalled(now: 1_000 + Limits.fetchStallMilliseconds - 1).isEmpty)
        #expect(machine.stalled(now: 1_000 + Limits.fetchStallMilliseconds) == [peer])
        machine.received(token, chunks: 1, now: 50_000)
        #expect(machine.stalled(now: 1_000 + Limits.fetchStallMilliseconds).isEmpty)
        machine.close(peer)
        #expect(machine.stalled(now: .max / 2).isEmpty)
    }

    @Test func whatIsRemovedNoLongerCounts() {
        var machine = FetchMachine()
        let peer = sampleDevice(1)
        machine.open(peer)
        let content = Self.content(1, size: 30)
        machine.add(content, priority: .normal, sources: [peer])
        machine.want(nodes: [sampleBytes(5)], of: content)
        let token = machine.next(for: peer, now: 0)?.token ?? 0
        let removed = machine.remove(content).map(\.token)
        #expect(removed == [token])
        let isReceived = machine.receivedNode(token, now: 0)
        #expect(!isReceived)
        let isFailed = machine.failed(token, .changed)
        #expect(!isFailed)
        #expect(!machine.contains(content))
        let hopeless5 = machine.takeHopeless().map(\.miss)
        #expect(hopeless5 == [])
    }

    // MARK: By seed

    @Test(arguments: 0..<100)
    func everyChunkComesOnceOrThereIsAReason(seed: Int) {
        var world = FetchWorld(seed: UInt64(seed))
        world.run()
        #expect(world.faults == [])
        for (content, wanted) in world.wanted {
            if world.failed.contains(content) {
                #expect(!world.isServable(content))
            } else {
                #expect(world.got[content, default: [:]] == Dictionary(uniqueKeysWithValues: wanted.map { ($0, 1) }))
            }
        }
    }
}
