import Cryptography
import SyncModel
import Testing

@testable import TLSTransport

extension TransportTests {
    @Suite struct HandshakeTests {
        @Test func bothSidesSeeTheOthersDevice() throws {
            let pair = try Pair()
            defer { pair.close() }
            #expect(pair.nearConnection.peer == pair.far.identity.deviceID)
            #expect(pair.farConnection.peer == pair.near.identity.deviceID)
            #expect(pair.nearConnection.direction == .outgoing)
            #expect(pair.farConnection.direction == .incoming)
            #expect(pair.nearConnection.remoteAddress == pair.far.address)
        }

        @Test func framesGoBothWays() throws {
            let pair = try Pair()
            defer { pair.close() }
            try pair.nearConnection.send(type: 1, payload: [1, 2, 3], priority: .control)
            try pair.farConnection.send(type: 9, payload: [], priority: .bulk)
            #expect(try pair.far.recorder.frames(1) == [.init(type: 1, payload: [1, 2, 3])])
            #expect(try pair.near.recorder.frames(1) == [.init(type: 9, payload: [])])
            // The counters are settled once the connection's thread has ended.
            pair.farConnection.close()
            #expect(pair.farConnection.awaitClosed(timeoutMilliseconds: patienceMilliseconds) != nil)
            #expect(pair.farConnection.bytesReceived == 8)
            #expect(pair.farConnection.bytesSent == 5)
        }

        @Test func aes128ComesFirst() throws {
            let pair = try Pair()
            defer { pair.close() }
            #expect(pair.nearConnection.cipherSuite == "TLS_AES_128_GCM_SHA256")
        }

        @Test func exporterIsEqualOnBothSidesAndDiffersByLabelAndSession() throws {
            let pair = try Pair()
            defer { pair.close() }
            let near = pair.nearConnection.exporter(label: "pairing", count: 48)
            #expect(near.count == 48)
            #expect(near == pair.farConnection.exporter(label: "pairing", count: 48))
            #expect(near != pair.nearConnection.exporter(label: "other", count: 48))
            let second = try pair.near.dial(pair.far)
            #expect(near != second.exporter(label: "pairing", count: 48))
        }

        @Test func theExpectedDeviceIsLetIn() throws {
            let far = try Device()
            let near = try Device()
            defer { near.close(); far.close() }
            let connection = try near.dial(far, expecting: far.identity.deviceID)
            #expect(connection.peer == far.identity.deviceID)
        }

        @Test func anotherDeviceThanExpectedIsRefused() throws {
            let far = try Device()
            let near = try Device()
            defer { near.close(); far.close() }
            #expect(throws: TransportError(.unexpectedDevice, "")) {
                try near.dial(far, expecting: near.identity.deviceID)
            }
        }

        @Test func theDialersPolicyMayRefuse() throws {
            let far = try Device()
            let near = try Device(authorize: { _ in .refuse })
            defer { near.close(); far.close() }
            #expect(throws: TransportError(.deviceRefused, "")) { try near.dial(far) }
        }

        @Test func theListenersPolicyRefusesBeforeAnyFrame() throws {
            let near = try Device()
            let far = try Device(authorize: { _ in .refuse })
            defer { near.close(); far.close() }
            let connection = try near.dial(far)
            try? connection.send(type: 1, payload: [1], priority: .control)
            #expect(try near.recorder.reason() == .closedByPeer)
            #expect(try far.recorder.refusal().code == .deviceRefused)
            #expect(far.recorder.monitor.withLock { $0.frames.isEmpty && $0.connections.isEmpty })
        }

        @Test func thePolicyIsAskedForTheDeviceThatProvedItself() throws {
            let asked = Monitor<[DeviceID]>([])
            let far = try Device(authorize: { device in
                asked.withLock { $0.append(device) }
                return .unpaired
            })
            let near = try Device()
            defer { near.close(); far.close() }
            _ = try near.dial(far)
            _ = try far.recorder.connection()
            #expect(asked.withLock { $0 } == [near.identity.deviceID])
        }
    }
}
