import AgentProcesses
import CrashDisk
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// An agent is killed before an effect of its first steps: its identity, its folder, its joining. The same steps
    /// again must do, and nothing else may be needed. `LANYARD_CRASH_POINTS` as in the crash matrix.
    @Suite struct SettingUpTests {
        @Test func whoWasKilledWhileItMadeADeviceAndItsFolderDoesItAgain() throws {
            let count = try addAFolder(killedBefore: nil)
            let points = Crashes.points(upTo: count, few: 16)
            for point in points {
                do { _ = try addAFolder(killedBefore: point) } catch { Issue.record("effect \(point): \(error)") }
            }
            print("\(points.count) kills in about \(count) effects of a device and its folder")
        }

        /// The joining one has a folder of its own at the place, which goes on as the joined one (rule 18).
        @Test(arguments: [false, true]) func whoWasKilledWhileItJoinedDoesItAgain(isInviterKilled: Bool) throws {
            let count = try join(isInviterKilled, before: nil)
            let points = Crashes.points(upTo: count, few: 10)
            for point in points {
                do { _ = try join(isInviterKilled, before: point) } catch { Issue.record("effect \(point): \(error)") }
            }
            let who = isInviterKilled ? "who invites" : "who joins"
            print("\(points.count) kills in about \(count) effects of \(who)")
        }

        // MARK: One history each

        /// - Returns: the effects until it was killed, or all was done.
        private func addAFolder(killedBefore point: Int?) throws -> Int {
            let world = try AgentWorld()
            defer { world.tearDown() }
            let agent = try world.agent("a")
            try Files.make(agent.home)
            try Files.write("\(agent.folder)/kept", "a file")
            try record(agent, in: world, killedBefore: point)
            if try agent.startUnlessKilled() {
                _ = try agent.call("folder", "add", agent.folder)
                _ = try agent.call("wait", "--timeout", "20")
            }
            if !agent.wasKilled { agent.kill() }
            let effects = try EffectLog(at: log(in: world)).ofAgent
            agent.variables = [:]
            try agent.start()
            try agent.call("folder", "add", agent.folder).succeeded()
            try agent.call("wait", "--timeout", "60").succeeded()
            try demand(agent, hasFiles: 1)
            return effects
        }

        private func join(_ isInviterKilled: Bool, before point: Int?) throws -> Int {
            let world = try AgentWorld()
            defer { world.tearDown() }
            let (inviter, joiner) = (try world.agent("a"), try world.agent("b"))
            for (agent, name) in [(inviter, "theirs"), (joiner, "own")] {
                try Files.write("\(agent.folder)/\(name)", name)
                try agent.start()
                try agent.call("folder", "add", agent.folder).succeeded()
            }
            try world.settle([inviter])
            try world.settle([joiner])
            let killed = isInviterKilled ? inviter : joiner
            killed.kill()
            try record(killed, in: world, killedBefore: point)
            if try killed.startUnlessKilled() {
                // Each of these fails where it comes too late.
                if let link = try? inviter.invite() { _ = try joiner.call("join", link, joiner.folder) }
                _ = try killed.call("wait", "--timeout", "20")
            }
            if !killed.wasKilled { killed.kill() }
            let effects = try EffectLog(at: log(in: world)).ofAgent
            killed.variables = [:]
            try killed.start()
            try joiner.join(inviter)
            try world.settle()
            for agent in [inviter, joiner] {
                try demand(agent, hasFiles: 2)
                for name in ["theirs", "own"] { #expect(Files.text("\(agent.folder)/\(name)") == name) }
            }
            return effects
        }

        private func log(in world: AgentWorld) -> String { "\(world.root)/effects" }

        private func record(_ agent: Agent, in world: AgentWorld, killedBefore point: Int?) throws {
            agent.variables = [
                "LD_PRELOAD": try Programs.built("libCrashPoints.so"), "CRASH_ROOTS": "\(agent.folder):\(agent.home)",
                "CRASH_LOG": log(in: world),
            ]
            agent.variables["CRASH_POINT"] = point.map { "\($0)" }
        }

        private func demand(_ agent: Agent, hasFiles count: Int) throws {
            let folders = try agent.status().folders
            guard folders.map(\.files) == [count], folders.flatMap(\.problems).isEmpty else {
                throw LanError("\(agent.name) has \(folders)")
            }
        }
    }
}
