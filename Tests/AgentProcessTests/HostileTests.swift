import AgentProcesses
import Cryptography
import Glibc
import LanHosts
import SeededRandom
import SyncModel
import TLSTransport
import Testing
import WireProtocol

extension AgentProcessTests {
    /// Peers that break the protocol, over real TLS: refused with a named error, and the agent stays up.
    @Suite struct HostileTests {
        /// Frames that are none, or not now.
        private func badFrames() throws -> [(name: String, type: UInt8, payload: [UInt8])] {
            var generator = SeededGenerator(seed: 5)
            let hello = try WireCodec.encode(
                .hello(Hello(agentVersion: "x", deviceName: "x", capabilities: [], listen: [], generation: 1)))
            return [
                ("garbage", MessageType.folderState.rawValue, generator.bytes(200)),
                ("truncated", hello.type, Array(hello.payload.dropLast(4))),
                ("an unknown type", 100, []),
                ("a second hello", hello.type, hello.payload),
                ("an answer to nothing", MessageType.contentData.rawValue, generator.bytes(60)),
                ("oversized", MessageType.folderOffer.rawValue, generator.bytes(Limits.unpairedFrameBytes + 1)),
            ]
        }

        @Test func anUnpairedPeerGetsNothingAndHarmsNothing() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                try Files.write("\(agents[0].folder)/secret", "secret")
                let tree = try world.settle()
                for bad in try badFrames() {
                    let peer = try HostilePeer(dialling: agents[0], as: try Identity.ephemeral(), isPaired: false)
                    try peer.send(bad.type, bad.payload)
                    _ = try peer.closed()
                    #expect(peer.secrets.isEmpty, "\(bad.name)")
                }
                #expect(try world.settle() == tree)
            }
        }

        @Test func bytesThatAreNoTLSAreDropped() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let port = try #require(UInt16(agents[0].address.split(separator: ":").last ?? ""))
                var generator = SeededGenerator(seed: 6)
                for count in [0, 1, 5, 300, 70_000] { try Self.pour(generator.bytes(count), into: port) }
                try Files.write("\(agents[0].folder)/f", "f")
                #expect(try world.settle().files == ["f"])
            }
        }

        private static func pour(_ bytes: [UInt8], into port: UInt16) throws {
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            try #require(socket >= 0)
            defer { close(socket) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            let connected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            try #require(connected == 0)
            _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }

        @Test func aPairedPeerThatBreaksTheRulesIsCutOff() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                try Files.write("\(agents[0].folder)/f", "f")
                let tree = try world.settle()
                try agents[1].stop()
                let identity = try Identity.loadOrCreate(home: agents[1].home)
                for bad in try badFrames() where bad.name != "oversized" {
                    let peer = try HostilePeer(dialling: agents[0], as: identity, isPaired: true)
                    try peer.send(bad.type, bad.payload)
                    #expect(try peer.closed() == .protocolError, "\(bad.name)")
                }
                try agents[1].start()
                #expect(try world.settle() == tree)
            }
        }

        /// Whoever brings a release that its signer never signed breaks a rule (rule 15).
        @Test func aReleaseThatNobodySignedIsRefused() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let (a, b) = (agents[0], agents[1])
                try Files.write("\(a.folder)/f", "f")
                let tree = try world.settle()
                try b.stop()
                let identity = try Identity.loadOrCreate(home: b.home)
                let peer = try HostilePeer(dialling: a, as: identity, isPaired: true)
                let offer = try peer.answer("its offer") { message in
                    if case .folderOffer(let offers) = message { offers.first } else { nil }
                }
                try peer.send(.folderOffer([offer]))
                var release = DeletionRelease(
                    folder: offer.folder, author: Author(device: identity.deviceID, epoch: IndexEpoch(1)), upTo: 5,
                    signer: identity.deviceID, signerKey: identity.key.publicKeyInfo, signature: [])
                release.signature = try identity.key.sign(try release.signedBytes())
                try peer.send(.deletionRelease(release))
                try peer.send(.ping(7))
                _ = try peer.answer("that it takes a sound one") { if case .pong(7) = $0 { true } else { nil } }
                release.upTo = 6
                try peer.send(.deletionRelease(release))
                #expect(try peer.closed() == .protocolError)
                try b.start()
                #expect(try world.settle() == tree)
            }
        }
    }
}
