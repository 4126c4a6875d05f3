import Glibc
import SyncModel
import Testing

@testable import TLSTransport

extension TransportTests {
    /// How connections end, and that nothing is left of them.
    @Suite struct ClosingTests {
        @Test func aGracefulCloseFlushesControlFrames() throws {
            let pair = try Pair()
            defer { pair.close() }
            let payloads = (0..<200).map { [UInt8](repeating: UInt8($0), count: 1_000) }
            for payload in payloads { try pair.nearConnection.send(type: 1, payload: payload, priority: .control) }
            pair.nearConnection.close()
            #expect(try pair.far.recorder.reason() == .closedByPeer)
            #expect(try pair.far.recorder.frames(payloads.count).map(\.payload) == payloads)
            #expect(try pair.near.recorder.reason() == .closedHere)
        }

        @Test func nothingIsSentOnAClosedConnection() throws {
            let pair = try Pair()
            defer { pair.close() }
            pair.nearConnection.close()
            for priority in [Priority.control, .bulk] {
                #expect(throws: TransportError(.closed, "")) {
                    try pair.nearConnection.send(type: 1, payload: [], priority: priority)
                }
            }
            #expect(pair.nearConnection.awaitClosed(timeoutMilliseconds: patienceMilliseconds) == .closedHere)
            #expect(!pair.nearConnection.isOpen)
        }

        @Test func aFaultOfThePeerIsTheReason() throws {
            let pair = try Pair()
            defer { pair.close() }
            let fault = TransportError(.peerMisbehaved, "it lied")
            pair.farConnection.closeNow(fault: fault)
            #expect(try pair.far.recorder.reason() == .failed(fault))
            #expect(try pair.near.recorder.reason() == .closedByPeer)
        }

        @Test func aWriterThatWaitsIsReleasedByTheEnd() throws {
            let gate = Gate()
            let pair = try Pair(farHandler: { _ in
                ConnectionHandler(frame: { _, _ in gate.pass() }, closed: { _ in })
            })
            let near = pair.nearConnection
            let frame = [UInt8](repeating: 0, count: Limits.frameBytes)
            while (try? near.send(type: 1, payload: frame, priority: .bulk)) != nil {}
            let outcome = Monitor<TransportError?>(nil)
            let thread = try TransportThread(name: "waiting") {
                do throws(TransportError) {
                    while true {
                        try near.sendWaiting(
                            type: 1, payload: frame, priority: .bulk, timeoutMilliseconds: patienceMilliseconds)
                    }
                } catch { outcome.announce { $0 = error } }
            }
            near.closeNow()
            #expect(outcome.wait(until: patience()) { $0 }?.code == .closed)
            thread.join()
            gate.open()
            pair.close()
        }

        @Test func closingAllLeavesNoThreadAndNoSocket() throws {
            let threads = Monitor<[String]>([])
            let near = try Device()
            var limits = Device.wide
            limits.handshakeMilliseconds = 10 * patienceMilliseconds
            let far = try Device(
                limits: limits,
                handler: { _ in
                    threads.announce { $0.append(currentThread()) }
                    return ConnectionHandler(frame: { _, _ in }, closed: { _ in })
                })
            let port = far.address.port
            for _ in 0..<8 { _ = try near.dial(far) }
            let silent = try RawSocket(far.address)
            let known = try #require(threads.wait(until: patience()) { $0.count == 8 ? $0 : nil })
            #expect(openSockets(port: port) > 16)
            near.close()
            far.close()
            #expect(near.transport.connectionCount == 0 && far.transport.connectionCount == 0)
            #expect(silent.awaitEnd())
            shutdown(silent.descriptor, Int32(SHUT_RDWR))
            #expect(eventually { known.allSatisfy { access("/proc/\($0)", F_OK) != 0 } })
            // Only the test's own socket is left.
            #expect(eventually { openSockets(port: port) <= 1 })
        }

        /// The directory of the running thread below /proc: `123/task/456`.
        private func currentThread() -> String {
            var name = [CChar](repeating: 0, count: 256)
            let count = readlink("/proc/thread-self", &name, name.count)
            return String(decoding: name.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        /// TCP sockets that a process holds at a port of loopback, listening ones too: lines of /proc/self/net/tcp that
        /// have an inode.
        private func openSockets(port: UInt16) -> Int {
            guard let file = fopen("/proc/self/net/tcp", "r") else { return -1 }
            defer { fclose(file) }
            var digits = String(port, radix: 16, uppercase: true)
            digits = String(repeating: "0", count: 4 - digits.count) + digits
            var count = 0
            var line = [CChar](repeating: 0, count: 512)
            while fgets(&line, Int32(line.count), file) != nil {
                let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                let fields = text.split(separator: " ")
                guard fields.count > 9, fields[1].hasSuffix(":\(digits)") || fields[2].hasSuffix(":\(digits)"),
                    fields[9] != "0"
                else { continue }
                count += 1
            }
            return count
        }
    }
}
