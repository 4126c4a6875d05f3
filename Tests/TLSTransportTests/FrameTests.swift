import SyncModel
import Testing

@testable import TLSTransport

extension TransportTests {
    /// What is sent arrives, whole and in order, and queues are bounded.
    @Suite struct FrameTests {
        /// A pair whose far side takes no frame before the gate is open: the near side's queues fill.
        private struct Blocked {
            let gate = Gate()
            let pair: Pair

            init() throws {
                let gate = self.gate
                let recorder = Recorder()
                far = recorder
                pair = try Pair(farHandler: { _ in
                    ConnectionHandler(
                        frame: { type, payload in
                            gate.pass()
                            let frame = Recorder.Frame(type: type, payload: Array(payload.prefix(1)))
                            recorder.monitor.announce { $0.frames.append(frame) }
                        }, closed: { recorder.closed($0) })
                })
            }

            let far: Recorder

            /// Sends until the queue is full and stays so, since the network takes no more either; how many frames were
            /// taken.
            func fill(_ priority: Priority, bytes: Int) -> Int {
                let frame = [UInt8](repeating: 0, count: bytes)
                var count = 0
                while (try? pair.nearConnection.sendWaiting(
                    type: 1, payload: frame, priority: priority, timeoutMilliseconds: 300)) != nil
                {
                    count += 1
                }
                return count
            }

            func close() {
                gate.open()
                pair.close()
            }
        }

        private static func payload(_ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ count) }
        }

        @Test(arguments: [Priority.control, .bulk]) func everySizeArrives(_ priority: Priority) throws {
            let pair = try Pair()
            defer { pair.close() }
            let sizes = [0, 1, 2, 255, 16_383, 16_384, 16_385, 65_535, 65_536, 131_072, Limits.frameBytes]
            for size in sizes {
                try pair.nearConnection.sendWaiting(
                    type: 7, payload: Self.payload(size), priority: priority,
                    timeoutMilliseconds: patienceMilliseconds)
            }
            let frames = try pair.far.recorder.frames(sizes.count)
            #expect(frames.map(\.payload.count) == sizes)
            #expect(frames.map(\.payload) == sizes.map { Self.payload($0) })
            #expect(frames.allSatisfy { $0.type == 7 })
        }

        @Test(arguments: [Priority.control, .bulk]) func framesOfOnePriorityKeepTheirOrder(_ priority: Priority) throws
        {
            let pair = try Pair()
            defer { pair.close() }
            let payloads = (0..<3_000).map { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
            for payload in payloads { try pair.nearConnection.send(type: 1, payload: payload, priority: priority) }
            #expect(try pair.far.recorder.frames(payloads.count).map(\.payload) == payloads)
        }

        @Test func controlOvertakesBulkThatWaits() throws {
            let blocked = try Blocked()
            defer { blocked.close() }
            let size = 256 << 10
            let sent = blocked.fill(.bulk, bytes: size)
            try blocked.pair.nearConnection.send(type: 2, payload: [1], priority: .control)
            let waiting = blocked.pair.nearConnection.queuedBytes.bulk / size
            try #require(waiting > 4)
            blocked.gate.open()
            let frames = try blocked.far.frames(sent + 1)
            let place = try #require(frames.firstIndex { $0.type == 2 })
            #expect(frames.count - 1 - place >= waiting / 2)
        }

        @Test(arguments: [Priority.control, .bulk]) func aFullQueueRefusesAndThenTakesAgain(_ priority: Priority) throws
        {
            let blocked = try Blocked()
            defer { blocked.close() }
            let near = blocked.pair.nearConnection
            _ = blocked.fill(priority, bytes: 256 << 10)
            let frame = [UInt8](repeating: 0, count: Limits.frameBytes)
            #expect(throws: TransportError(.queueFull, "")) {
                try near.send(type: 1, payload: frame, priority: priority)
            }
            #expect(throws: TransportError(.queueTimedOut, "")) {
                try near.sendWaiting(type: 1, payload: frame, priority: priority, timeoutMilliseconds: 1)
            }
            #expect(near.queuedBytes.control <= Limits.controlQueueBytes)
            #expect(near.queuedBytes.bulk <= Limits.bulkQueueBytes)
            blocked.gate.open()
            #expect(throws: Never.self) {
                try near.sendWaiting(
                    type: 1, payload: frame, priority: priority, timeoutMilliseconds: patienceMilliseconds)
            }
        }

        @Test func aFrameBeyondTheLimitIsNotTaken() throws {
            let pair = try Pair()
            defer { pair.close() }
            let frame = [UInt8](repeating: 0, count: Limits.frameBytes + 1)
            #expect(throws: TransportError(.frameTooLong, "")) {
                try pair.nearConnection.send(type: 1, payload: frame, priority: .bulk)
            }
        }

        @Test func aStrangersFramesAreShortUntilItIsPaired() throws {
            let pair = try Pair(farAuthorize: { _ in .unpaired })
            defer { pair.close() }
            let frame = [UInt8](repeating: 0, count: Limits.unpairedFrameBytes + 1)
            #expect(throws: TransportError(.frameTooLong, "")) {
                try pair.farConnection.send(type: 1, payload: frame, priority: .control)
            }
            pair.farConnection.markPaired()
            try pair.farConnection.send(type: 1, payload: frame, priority: .control)
            #expect(try pair.near.recorder.frames(1).first?.payload.count == frame.count)
        }

        @Test func theConnectionsOwnThreadMayNotWaitForItself() throws {
            let errors = Monitor<[TransportError]>([])
            let pair = try Pair(farHandler: { connection in
                ConnectionHandler(
                    frame: { _, _ in
                        do throws(TransportError) {
                            try connection.sendWaiting(
                                type: 1, payload: [], priority: .control, timeoutMilliseconds: patienceMilliseconds)
                        } catch { errors.announce { $0.append(error) } }
                    }, closed: { _ in })
            })
            defer { pair.close() }
            try pair.nearConnection.send(type: 1, payload: [], priority: .control)
            let error = try #require(errors.wait(until: patience()) { $0.first })
            #expect(error.code == .wouldBlockItself)
        }

        @Test func aProducerFillsBulkUntilItIsEmptyAndAgainWhenAsked() throws {
            let left = Monitor(3)
            let near = Recorder()
            let pair = try Pair(nearHandler: { _ in
                near.handler(produceBulk: { buffer in
                    left.withLock { left in
                        guard left > 0 else { return nil }
                        left -= 1
                        buffer[0] = UInt8(left)
                        return (type: 4, length: 1)
                    }
                })
            })
            defer { pair.close() }
            pair.nearConnection.bulkReady()
            #expect(try pair.far.recorder.frames(3).map(\.payload) == [[2], [1], [0]])
            left.withLock { $0 = 1 }
            pair.nearConnection.bulkReady()
            #expect(try pair.far.recorder.frames(4).map(\.payload) == [[2], [1], [0], [0]])
        }
    }
}
