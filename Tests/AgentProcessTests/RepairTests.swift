import AgentProcesses
import Glibc
import LanHosts
import SQLiteIndex
import SyncModel
import Testing

extension AgentProcessTests {
    @Suite struct RepairTests {
        private func index(of agent: Agent, _ status: AgentStatus) throws -> FolderIndex {
            let folder = try #require(status.folders.first.flatMap { FolderID(text: $0.id) })
            let device = try #require(DeviceID(text: status.device.id))
            return try FolderIndex.open(path: "\(agent.home)/index/\(folder).db", folder: folder, device: device)
        }

        /// Rows vanish from the index of a stopped agent, its digests with them: of a file that stands there, of one
        /// that is gone from the disk as well, and of a deletion. Nothing is deleted, and both become equal again.
        @Test(arguments: [0, 1]) func rowsThatAreLostAreToldAgain(victim: Int) throws {
            try inWorld { world in
                let agents = try world.chain("a", "b")
                try Files.make("\(agents[0].folder)/d")
                for index in 0..<200 { try Files.write("\(agents[0].folder)/d/f\(index)", "content \(index)") }
                try world.settle()
                try Files.remove("\(agents[1].folder)/d/f0")
                let before = try world.settle()
                let statuses = try agents.map { try $0.status() }
                try agents[victim].stop()
                let damaged = try index(of: agents[victim], statuses[victim])
                let digest = damaged.rootDigest
                var loss = IndexTransaction()
                loss.droppedRows = try ["d/f0", "d/f1", "d/f2"].map { try RelativePath($0) }
                try damaged.commit(loss)
                #expect(damaged.rootDigest.live != digest.live && damaged.rootDigest.tombstones != digest.tombstones)
                try damaged.close()
                try Files.remove("\(agents[victim].folder)/d/f2")
                try agents[victim].start()
                let after = try world.settle()
                #expect(after.files == before.files && after.contents == before.contents)
                // Deletions are not waited for.
                usleep(10_000_000)
                for agent in agents {
                    #expect(try agent.conflicts().isEmpty)
                    #expect(try agent.folderStatus().problems.isEmpty)
                    try agent.stop()
                }
                let indices = try zip(agents, statuses).map { try index(of: $0, $1) }
                #expect(indices[0].rootDigest == indices[1].rootDigest)
                for index in indices {
                    #expect(index.status.tombstones == 1)
                    try index.checkIntegrity(.content)
                    try index.close()
                }
            }
        }
    }
}
