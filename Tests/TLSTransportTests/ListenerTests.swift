import Glibc
import LanHosts
import Testing

@testable import TLSTransport

extension Skip {
    /// Machines without IPv6 have no `[::1]`.
    fileprivate static let ipv6 = Skip(
        "ipv6", obstacles: access("/proc/sys/net/ipv6/conf/lo", F_OK) == 0 ? [] : ["this machine has no IPv6"])
}

extension TransportTests {
    @Suite struct ListenerTests {
        @Test func ipv6IsPossibleOrItsSkipIsAllowed() { #expect(Skip.ipv6.isPossible || Skip.ipv6.isAllowed) }

        @Test(.enabled(if: Skip.ipv6.isPossible), arguments: ["127.0.0.1:0", "[::1]:0"])
        func itListensOverBothProtocols(_ text: String) throws {
            let far = try Device(address: SocketAddress(text: text))
            let near = try Device()
            defer { near.close(); far.close() }
            #expect(far.address.port != 0)
            let connection = try near.dial(far)
            #expect(connection.remoteAddress == far.address)
            #expect(try far.recorder.connection().remoteAddress.host == far.address.host)
        }

        @Test(.enabled(if: Skip.ipv6.isPossible)) func theWildcardTakesBothProtocols() throws {
            let far = try Device(address: SocketAddress(text: "*:0"))
            let near = try Device()
            defer { near.close(); far.close() }
            let recorder = near.recorder
            for host in ["127.0.0.1", "[::1]"] {
                let address = try SocketAddress(text: "\(host):\(far.address.port)")
                let connection = try Dialer(transport: near.transport).dial(
                    [address], expecting: far.identity.deviceID, timeoutMilliseconds: patienceMilliseconds
                ) { _ in recorder.handler() }
                #expect(connection.remoteAddress == address)
            }
            // An IPv4 caller is known by its IPv4 address.
            _ = try far.recorder.connection(1)
            let hosts = far.recorder.monitor.withLock { $0.connections.map(\.remoteAddress.host) }
            #expect(hosts.contains(.ipv4(0x7f00_0001)))
        }

        @Test(.enabled(if: Skip.ipv6.isPossible)) func severalAddressesAreOneListener() throws {
            let device = try Device()
            defer { device.close() }
            let recorder = Recorder()
            let listener = try Listener(
                transport: device.transport, addresses: [.loopback(port: 0), SocketAddress(text: "[::1]:0")],
                established: { connection in
                    recorder.established(connection)
                    return recorder.handler()
                }, refused: { _, error in recorder.refused(error) })
            defer { listener.close() }
            let near = try Device()
            defer { near.close() }
            let handlers = near.recorder
            for address in listener.addresses {
                _ = try Dialer(transport: near.transport).dial(
                    [address], expecting: nil, timeoutMilliseconds: patienceMilliseconds
                ) { _ in handlers.handler() }
            }
            _ = try recorder.connection(1)
        }

        @Test func anAddressInUseIsSaidAndNothingIsLeftListening() throws {
            let first = try Device()
            defer { first.close() }
            let free = try SilentPort.deadAddress()
            #expect(throws: TransportError(.listenFailed, "")) {
                try Listener(
                    transport: first.transport, addresses: [free, first.address],
                    established: { _ in Recorder().handler() }, refused: { _, _ in })
            }
            // What it had opened before it failed is free again.
            let second = try Device(address: free)
            second.close()
        }

        @Test func closingStopsCallersAndLeavesConnections() throws {
            let pair = try Pair()
            defer { pair.close() }
            pair.far.listener.close()
            pair.far.listener.close()
            #expect(throws: TransportError(.connectFailed, "")) { try pair.near.dial(pair.far) }
            try pair.nearConnection.send(type: 1, payload: [1], priority: .control)
            #expect(try pair.far.recorder.frames(1).count == 1)
        }
    }
}
