import AgentProcesses
import Cryptography
import LanHosts
import SyncModel
import TLSTransport
import Testing
import WireProtocol

extension AgentProcessTests {
    /// A paired peer that announces paths which lead out of the folder.
    @Suite struct HostilePathTests {
        /// Placeholders of the same length as the paths that no codec of ours would write.
        private static let paths: [(sent: [UInt8], placeholder: String)] = [
            (Array("../outside/x".utf8), "aa/outside/x"),
            (Array("d/../../ou/x".utf8), "d/aa/aa/ou/x"),
            (Array("/etc/outside".utf8), "aetc/outside"),
            (Array("nul\0inside".utf8), "nul0inside"),
            (Array("a//b".utf8), "a/cb"),
            (Array("./dot".utf8), "a/dot"),
        ]

        /// Opens the folder's log as the paired peer, and answers the agent's request for it with `path`.
        private func announce(
            _ path: [UInt8], as placeholder: String, to agent: Agent, by identity: Identity
        ) throws -> HostilePeer {
            let peer = try HostilePeer(dialling: agent, as: identity, isPaired: true)
            let offers = try peer.answer("its offer") { if case .folderOffer(let offers) = $0 { offers } else { nil } }
            let offer = try #require(offers.first)
            try peer.send(.folderOffer([offer]))
            let epoch = IndexEpoch(4_711)
            let origin = Origin(author: Author(device: identity.deviceID, epoch: epoch), counter: 1)
            try peer.send(
                .folderState(
                    FolderState(
                        folder: offer.folder, activity: .active, epoch: epoch, head: 1,
                        mark: LogMark(sequence: 1, hash: .zero), frontier: VersionVector().inserting(origin),
                        rootDigest: .zero, tombstoneDigest: .zero, needFiles: 0, needBytes: 0, scannedGeneration: 1,
                        unflushed: false, position: nil)))
            let request = try peer.answer("its request for the log") {
                if case .indexRequest(let request) = $0 { request } else { nil }
            }
            let content = FileContent(size: 4, hash: ContentHash(SHA256.hash(Array("evil".utf8))))
            let record = FileRecord(
                path: try RelativePath(placeholder), content: .file(content),
                version: VersionVector().inserting(origin), origin: origin, edits: 1,
                modified: Stamped(
                    Timestamp(seconds: 1, nanoseconds: 0), at: Stamp(counter: 1, device: identity.deviceID)),
                mode: Stamped(.file, at: Stamp(counter: 1, device: identity.deviceID)))
            let frame = try WireCodec.encode(
                .indexBatch(
                    IndexBatch(
                        folder: offer.folder, stream: request.stream, epoch: request.epoch, after: request.after,
                        upTo: 1, head: 1, mark: nil,
                        frontier: VersionVector().inserting(origin),
                        entries: [IndexEntry(sequence: 1, item: .record(record, inline: Array("evil".utf8)[...]))])))
            try peer.send(frame.type, Self.replacing(Array(placeholder.utf8), by: path, in: frame.payload))
            return peer
        }

        private static func replacing(_ old: [UInt8], by new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
            var bytes = bytes
            for start in bytes.indices.dropLast(old.count - 1) where bytes[start...].starts(with: old) {
                bytes.replaceSubrange(start..<start + old.count, with: new)
                break
            }
            return bytes
        }

        @Test func pathsThatLeadOutAreRefused() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                try Files.make("\(world.root)/outside")
                try Files.write("\(agents[0].folder)/f", "f")
                let tree = try world.settle()
                try agents[1].stop()
                let identity = try Identity.loadOrCreate(home: agents[1].home)
                for (path, placeholder) in Self.paths {
                    let peer = try announce(path, as: placeholder, to: agents[0], by: identity)
                    #expect(try peer.closed() == .protocolError, "\(placeholder)")
                    #expect(try Tree(of: agents[0].folder) == tree)
                }
                #expect(Files.names("\(world.root)/outside").isEmpty && !Files.exists("/etc/outside"))
                #expect(try agents[0].folderStatus().state == "idle")
            }
        }

        @Test func nothingIsWrittenThroughALinkThatLeadsOut() throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                let outside = "\(world.root)/outside"
                try Files.make(outside)
                try Files.link("\(agents[0].folder)/link", to: outside)
                try world.settle()
                try agents[1].stop()
                let identity = try Identity.loadOrCreate(home: agents[1].home)
                let peer = try announce(Array("link/x".utf8), as: "link/x", to: agents[0], by: identity)
                // Taken or refused: nothing of it is seen outside, and the agent answers as before.
                _ = try? peer.closed(within: 3)
                #expect(try agents[0].status().folders.count == 1)
                #expect(Files.names(outside).isEmpty)
                #expect(Files.isLink("\(agents[0].folder)/link") || Files.exists("\(agents[0].folder)/link/x"))
            }
        }
    }
}
