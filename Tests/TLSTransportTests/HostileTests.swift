import Glibc
import SyncModel
import Testing

@testable import TLSTransport

extension TransportTests {
    /// Bytes that no honest peer sends. The listener stays up, and hands nothing on.
    @Suite struct HostileTests {
        /// The device lets nobody in meanwhile, and an honest peer afterwards.
        private func expectServing(_ device: Device, _ location: SourceLocation = #_sourceLocation) throws {
            #expect(
                device.recorder.monitor.withLock { $0.connections.isEmpty && $0.frames.isEmpty },
                sourceLocation: location)
            let honest = try Device()
            defer { honest.close() }
            let connection = try honest.dial(device)
            try connection.send(type: 5, payload: [9], priority: .control)
            #expect(try device.recorder.frames(1) == [.init(type: 5, payload: [9])], sourceLocation: location)
        }

        @Test(arguments: 0..<24 as Range<UInt64>) func randomBytesAreRefused(_ seed: UInt64) throws {
            let device = try Device()
            defer { device.close() }
            var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
            let bytes = (0..<(1 << (seed % 12))).map { _ -> UInt8 in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return UInt8(truncatingIfNeeded: state)
            }
            let socket = try RawSocket(device.address)
            socket.write(bytes)
            shutdown(socket.descriptor, Int32(SHUT_WR))
            #expect(socket.awaitEnd())
            #expect(try device.recorder.refusal().code == .handshakeFailed)
            try expectServing(device)
        }

        @Test(arguments: [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\n", "\u{16}\u{3}\u{1}",
        ])
        func otherProtocolsAreRefused(_ text: String) throws {
            let device = try Device()
            defer { device.close() }
            let socket = try RawSocket(device.address)
            socket.write(Array(text.utf8))
            shutdown(socket.descriptor, Int32(SHUT_WR))
            #expect(socket.awaitEnd())
            #expect(try device.recorder.refusal().code == .handshakeFailed)
            try expectServing(device)
        }

        @Test func whoSaysNothingIsRefusedWhenItLeaves() throws {
            let device = try Device()
            defer { device.close() }
            do { _ = try RawSocket(device.address) }
            #expect(try device.recorder.refusal().code == .handshakeFailed)
            try expectServing(device)
        }

        @Test(arguments: [[], [0x16], [0x16, 3, 1, 2, 0, 1]] as [[UInt8]])
        func whoIsSlowIsRefusedInTime(_ beginning: [UInt8]) throws {
            var limits = Device.wide
            limits.handshakeMilliseconds = 200
            let device = try Device(limits: limits)
            defer { device.close() }
            let socket = try RawSocket(device.address)
            socket.write(beginning)
            #expect(socket.awaitEnd())
            #expect(try device.recorder.refusal().code == .handshakeTimedOut)
            #expect(device.recorder.monitor.withLock { $0.connections.isEmpty })
        }

        @Test func aStrangersTimeIsLimited() throws {
            var limits = Device.wide
            limits.unpairedMilliseconds = 200
            let device = try Device(limits: limits, authorize: { _ in .unpaired })
            defer { device.close() }
            let session = try RawSession(Identity.ephemeral(), device.address)
            #expect(try device.recorder.reason() == .failed(TransportError(.unpairedTimedOut, "")))
            session.hangUp()
        }

        // MARK: Frames

        @Test(arguments: [DeviceAuthorization.paired, .unpaired])
        func aFrameAnnouncedTooLongEndsTheConnection(_ authorization: DeviceAuthorization) throws {
            let limit = authorization == .paired ? Limits.frameBytes : Limits.unpairedFrameBytes
            for length in [limit + 1, Int(UInt32.max)] {
                let device = try Device(authorize: { _ in authorization })
                defer { device.close() }
                let session = try RawSession(Identity.ephemeral(), device.address)
                try session.writeHeader(announcing: length)
                #expect(try device.recorder.reason() == .failed(TransportError(.frameTooLong, "")))
                #expect(device.recorder.monitor.withLock { $0.frames.isEmpty })
                session.hangUp()
            }
        }

        @Test(arguments: [DeviceAuthorization.paired, .unpaired])
        func theLongestFrameIsTaken(_ authorization: DeviceAuthorization) throws {
            let limit = authorization == .paired ? Limits.frameBytes : Limits.unpairedFrameBytes
            let device = try Device(authorize: { _ in authorization })
            defer { device.close() }
            let session = try RawSession(Identity.ephemeral(), device.address)
            try session.writeHeader(announcing: limit, sending: [UInt8](repeating: 3, count: limit))
            #expect(try device.recorder.frames(1).first?.payload.count == limit)
            session.hangUp()
        }

        @Test func aFrameCutByAGoodbyeIsTruncated() throws {
            let device = try Device()
            defer { device.close() }
            let session = try RawSession(Identity.ephemeral(), device.address)
            try session.writeHeader(announcing: 100, sending: [UInt8](repeating: 1, count: 50))
            try session.close()
            #expect(try device.recorder.reason() == .failed(TransportError(.truncated, "")))
            #expect(device.recorder.monitor.withLock { $0.frames.isEmpty })
        }

        @Test func aHeaderCutByAGoodbyeIsTruncated() throws {
            let device = try Device()
            defer { device.close() }
            let session = try RawSession(Identity.ephemeral(), device.address)
            try session.write([0, 0])
            try session.close()
            #expect(try device.recorder.reason() == .failed(TransportError(.truncated, "")))
        }

        /// An attacker on the network can cut a TCP connection; that is told from a peer that closed.
        @Test func anEndWithoutAGoodbyeIsTruncated() throws {
            let device = try Device()
            defer { device.close() }
            let session = try RawSession(Identity.ephemeral(), device.address)
            try session.writeHeader(announcing: 1, sending: [1])
            _ = try device.recorder.frames(1)
            session.hangUp()
            #expect(try device.recorder.reason() == .failed(TransportError(.truncated, "")))
        }

        @Test func aChangedByteEndsTheConnection() throws {
            let device = try Device()
            defer { device.close() }
            let session = try RawSession(Identity.ephemeral(), device.address)
            try session.writeHeader(announcing: 1, sending: [1])
            _ = try device.recorder.frames(1)
            session.writeBeneath([0x17, 3, 3, 0, 20] + [UInt8](repeating: 0, count: 20))
            #expect(try device.recorder.reason() == .failed(TransportError(.recordFailed, "")))
        }

        @Test func manyTinyRecordsMakeOneFrame() throws {
            let device = try Device()
            defer { device.close() }
            let session = try RawSession(Identity.ephemeral(), device.address)
            for byte in [0, 0, 0, 3, 6, 1, 2, 3, 0, 0, 0, 0, 7] as [UInt8] { try session.write([byte]) }
            #expect(
                try device.recorder.frames(2) == [.init(type: 6, payload: [1, 2, 3]), .init(type: 7, payload: [])])
            session.hangUp()
        }
    }
}
