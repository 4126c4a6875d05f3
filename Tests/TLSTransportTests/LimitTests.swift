import SyncModel
import Testing

@testable import TLSTransport

extension TransportTests {
    /// Floods take only their own share.
    @Suite struct LimitTests {
        @Test func aSourceHasFewHandshakesAtOnce() throws {
            var limits = Device.wide
            limits.handshakesPerSource = 2
            try expectFlood(limits, silent: 2)
        }

        @Test func allSourcesTogetherHaveBoundedHandshakes() throws {
            var limits = Device.wide
            limits.handshakes = 5
            try expectFlood(limits, silent: 5)
        }

        /// `silent` callers that say nothing are let in, further ones are not; when they leave, others come in.
        private func expectFlood(_ limits: ConnectionLimits, silent: Int) throws {
            let device = try Device(limits: limits)
            let honest = try Device()
            defer { honest.close(); device.close() }
            var callers = try (0..<silent).map { _ in try RawSocket(device.address) }
            #expect(eventually { device.transport.connectionCount == silent })
            for _ in 0..<50 {
                let further = try RawSocket(device.address)
                #expect(further.awaitEnd())
            }
            let refusals = device.recorder.monitor.wait(until: patience()) {
                $0.refusals.count >= 50 ? $0.refusals : nil
            }
            #expect(refusals?.count == 50 && refusals?.allSatisfy { $0.code == .limitReached } == true)
            #expect(device.transport.connectionCount == silent)
            callers.removeAll()
            #expect(eventually { device.transport.connectionCount == 0 })
            _ = try honest.dial(device)
            _ = try device.recorder.connection()
        }

        @Test func aDeviceHasFewConnections() throws {
            var limits = Device.wide
            limits.connectionsPerDevice = 2
            let far = try Device(limits: limits)
            let (first, second) = (try Device(), try Device())
            defer { first.close(); second.close(); far.close() }
            for _ in 0..<2 { _ = try first.dial(far) }
            _ = try far.recorder.connection(1)
            _ = try first.dial(far)
            #expect(try far.recorder.refusal().code == .limitReached)
            #expect(try first.recorder.reason() == .closedByPeer)
            _ = try second.dial(far)
            _ = try far.recorder.connection(2)
        }

        @Test func strangersHaveFewConnectionsUntilTheyArePaired() throws {
            var limits = Device.wide
            limits.unpairedConnections = 1
            let far = try Device(limits: limits, authorize: { _ in .unpaired })
            let (first, second) = (try Device(), try Device())
            defer { first.close(); second.close(); far.close() }
            _ = try first.dial(far)
            let stranger = try far.recorder.connection()
            _ = try second.dial(far)
            #expect(try far.recorder.refusal().code == .limitReached)
            #expect(try second.recorder.reason() == .closedByPeer)
            stranger.markPaired()
            _ = try second.dial(far)
            _ = try far.recorder.connection(1)
        }

        @Test func allConnectionsTogetherAreBounded() throws {
            var limits = Device.wide
            limits.connections = 2
            let far = try Device(limits: limits)
            let near = try Device()
            defer { near.close(); far.close() }
            _ = try near.dial(far)
            let second = try near.dial(far)
            _ = try far.recorder.connection(1)
            let third = try RawSocket(far.address)
            #expect(third.awaitEnd())
            #expect(try far.recorder.refusal().code == .limitReached)
            second.close()
            #expect(eventually { far.transport.connectionCount == 1 })
            _ = try near.dial(far)
        }

        @Test func ourOwnDiallingIsBoundedToo() throws {
            var limits = Device.wide
            limits.connections = 1
            let (near, far) = (try Device(limits: limits), try Device())
            defer { near.close(); far.close() }
            _ = try near.dial(far)
            #expect(throws: TransportError(.limitReached, "")) { try near.dial(far) }
        }
    }

    /// The counts by themselves, on a clock of the test's.
    @Suite struct AdmissionTests {
        private let control: ConnectionControl

        init() throws { control = try ConnectionControl() }

        private func address(_ text: String) throws -> SocketAddress { try SocketAddress(text: text) }

        private func limits(_ change: (inout ConnectionLimits) -> Void) -> ConnectionLimits {
            var limits = ConnectionLimits()
            limits.connections = 100_000
            limits.handshakes = 100_000
            limits.handshakesPerSource = 100_000
            limits.handshakeBurst = 100_000
            change(&limits)
            return limits
        }

        @Test func aSourceBeginsABurstAndThenItsRate() throws {
            let admission = Admission(limits { ($0.handshakeBurst, $0.handshakesPerSecond) = (3, 2) })
            let source = try address("192.0.2.1:1")
            var slots: [Admission.Slot] = []
            func admitted(at now: UInt64) -> Int {
                var count = 0
                while let slot = try? admission.admitIncoming(control, from: source, nowMilliseconds: now) {
                    slots.append(slot)
                    count += 1
                }
                return count
            }
            #expect(admitted(at: 10_000) == 3)
            #expect(admitted(at: 10_499) == 0)
            #expect(admitted(at: 10_500) == 1)
            #expect(admitted(at: 11_500) == 2)
            #expect(admitted(at: 90_000) == 3)
            // A clock that stands or goes back gives nothing, and breaks nothing.
            #expect(admitted(at: 1) == 0)
            slots.forEach { $0.release() }
            #expect(admission.count == 0)
        }

        @Test func oneHostsIPv6AddressesAreOneSource() throws {
            let admission = Admission(limits { $0.handshakesPerSource = 1 })
            let first = try admission.admitIncoming(
                control, from: address("[2001:db8::1]:1"), nowMilliseconds: 0)
            #expect(throws: TransportError(.limitReached, "")) {
                try admission.admitIncoming(control, from: address("[2001:db8::ffff:2]:9"), nowMilliseconds: 0)
            }
            let other = try admission.admitIncoming(
                control, from: address("[2001:db8:0:1::1]:1"), nowMilliseconds: 0)
            first.release()
            other.release()
        }

        @Test func sourcesBeyondTheTableShareOneCount() throws {
            let admission = Admission(limits { $0.handshakesPerSource = 1 })
            func admit(_ number: UInt32, at now: UInt64 = 0) throws -> Admission.Slot {
                try admission.admitIncoming(
                    control, from: SocketAddress(host: .ipv4(number), port: 1), nowMilliseconds: now)
            }
            var slots = try (0..<UInt32(Limits.handshakeSources)).map { try admit($0) }
            slots.append(try admit(1_000_000))
            #expect(throws: TransportError(.limitReached, "")) { try admit(1_000_001) }
            // Those at rest make room.
            slots.forEach { $0.release() }
            let later = [try admit(1_000_001, at: 3_600_000), try admit(1_000_002, at: 3_600_000)]
            later.forEach { $0.release() }
            #expect(admission.count == 0)
        }

        @Test func aSlotIsReleasedOnce() throws {
            let admission = Admission(limits { _ in })
            let slot = try admission.admitOutgoing(control)
            let other = try admission.admitOutgoing(control)
            slot.release()
            slot.release()
            #expect(admission.count == 1)
            other.release()
        }
    }
}
