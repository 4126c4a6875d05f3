import Glibc
import SyncModel
import Testing

@testable import TLSTransport

extension TransportTests {
    @Suite struct DialerTests {
        private func dial(
            _ near: Device, _ addresses: [SocketAddress], expecting: DeviceID? = nil,
            within milliseconds: Int = patienceMilliseconds
        ) throws -> Connection {
            let recorder = near.recorder
            return try Dialer(transport: near.transport).dial(
                addresses, expecting: expecting, timeoutMilliseconds: milliseconds
            ) { _ in recorder.handler() }
        }

        @Test func deadAddressesArePassedOver() throws {
            let (near, far) = (try Device(), try Device())
            defer { near.close(); far.close() }
            let dead = try (0..<5).map { _ in try SilentPort.deadAddress() }
            #expect(try dial(near, dead + [far.address]).remoteAddress == far.address)
        }

        @Test func aSilentAddressDelaysNoLongerThanAHandshakeMay() throws {
            var limits = Device.wide
            limits.handshakeMilliseconds = 200
            let (near, far) = (try Device(limits: limits), try Device())
            defer { near.close(); far.close() }
            let silent = try SilentPort()
            #expect(try dial(near, [silent.address, far.address]).remoteAddress == far.address)
        }

        @Test func anotherDevicesAddressIsPassedOver() throws {
            let (near, wrong, far) = (try Device(), try Device(), try Device())
            defer { near.close(); wrong.close(); far.close() }
            let connection = try dial(near, [wrong.address, far.address], expecting: far.identity.deviceID)
            #expect(connection.peer == far.identity.deviceID)
            #expect(throws: TransportError(.unexpectedDevice, "")) {
                try dial(near, [wrong.address], expecting: far.identity.deviceID)
            }
        }

        /// A device that answered says more than an address that didn't.
        @Test func theVerdictIsOfTheMostPromisingAddress() throws {
            let (near, wrong) = (try Device(), try Device())
            defer { near.close(); wrong.close() }
            let dead = try SilentPort.deadAddress()
            for addresses in [[dead, wrong.address], [wrong.address, dead]] {
                #expect(throws: TransportError(.unexpectedDevice, "")) {
                    try dial(near, addresses, expecting: near.identity.deviceID)
                }
            }
        }

        @Test func noAddressAndOnlyDeadOnesFail() throws {
            let near = try Device()
            defer { near.close() }
            #expect(throws: TransportError(.connectFailed, "")) { try dial(near, []) }
            #expect(throws: TransportError(.connectFailed, "")) { try dial(near, [SilentPort.deadAddress()]) }
            #expect(near.transport.connectionCount == 0)
        }

        @Test func onlySoManyAddressesAreTried() throws {
            let (near, far) = (try Device(), try Device())
            defer { near.close(); far.close() }
            let dead = [SocketAddress](repeating: try SilentPort.deadAddress(), count: Limits.dialCandidates)
            #expect(throws: TransportError(.connectFailed, "")) { try dial(near, dead + [far.address]) }
            #expect(throws: Never.self) { try dial(near, dead.dropLast() + [far.address]) }
        }

        @Test func itsTimeIsLimited() throws {
            let near = try Device()
            defer { near.close() }
            let silent = try SilentPort()
            #expect(throws: TransportError(.handshakeTimedOut, "")) { try dial(near, [silent.address], within: 50) }
            #expect(throws: TransportError(.connectTimedOut, "")) { try dial(near, [silent.address], within: 0) }
        }

        @Test func aDialerThatWasCancelledDoesNotDial() throws {
            let (near, far) = (try Device(), try Device())
            defer { near.close(); far.close() }
            let dialer = Dialer(transport: near.transport)
            dialer.cancel()
            #expect(throws: TransportError(.cancelled, "")) {
                try dialer.dial([far.address], expecting: nil, timeoutMilliseconds: patienceMilliseconds) { _ in
                    near.recorder.handler()
                }
            }
            #expect(near.transport.connectionCount == 0)
        }

        @Test func cancellingEndsAHandshakeUnderWay() throws {
            let near = try Device()
            defer { near.close() }
            let silent = try SilentPort()
            let address = silent.address
            let dialer = Dialer(transport: near.transport)
            let outcome = Monitor<TransportError?>(nil)
            let recorder = near.recorder
            let thread = try TransportThread(name: "dialling") {
                do throws(TransportError) {
                    _ = try dialer.dial(
                        [address], expecting: nil, timeoutMilliseconds: patienceMilliseconds
                    ) { _ in recorder.handler() }
                } catch { outcome.announce { $0 = error } }
            }
            try silent.awaitCaller()
            dialer.cancel()
            #expect(outcome.wait(until: patience()) { $0 }?.code == .cancelled)
            thread.join()
            #expect(eventually { near.transport.connectionCount == 0 })
        }

        /// A handshake has far longer than the test.
        @Test func closingAllEndsAHandshakeUnderWay() throws {
            var limits = Device.wide
            limits.handshakeMilliseconds = 10 * patienceMilliseconds
            let near = try Device(limits: limits)
            let silent = try SilentPort()
            let address = silent.address
            let transport = near.transport
            let recorder = near.recorder
            let outcome = Monitor<TransportError?>(nil)
            let thread = try TransportThread(name: "dialling") {
                do throws(TransportError) {
                    _ = try Dialer(transport: transport).dial(
                        [address], expecting: nil, timeoutMilliseconds: 10 * patienceMilliseconds
                    ) { _ in recorder.handler() }
                } catch { outcome.announce { $0 = error } }
            }
            try silent.awaitCaller()
            #expect(eventually { transport.connectionCount == 1 })
            near.close()
            #expect(outcome.wait(until: patience()) { $0 }?.code == .cancelled)
            thread.join()
        }
    }
}
