import AgentProcesses
import CrashDisk
import Glibc
import LanHosts
import Testing

extension AgentProcessTests {
    /// What a device and a folder are made of is durable, its name too, before anything relies on it.
    @Suite struct FirstNamesTests {
        @Test func aNewDeviceAndItsFolderAreTheSameAfterALossOfPower() throws {
            let world = try AgentWorld()
            defer { world.tearDown() }
            let agent = try world.agent("a")
            let (log, graves) = ("\(world.root)/effects", "\(world.root)/graves")
            for directory in [agent.home, graves] { try Files.make(directory) }
            try Files.write("\(agent.folder)/kept", "a file")
            let roots = [agent.folder, agent.home]
            let before = try DiskImage(of: roots)
            let library = try Programs.built("libCrashPoints.so")
            agent.variables = [
                "LD_PRELOAD": library, "CRASH_ROOTS": roots.joined(separator: ":"), "CRASH_LOG": log,
                "CRASH_GRAVES": graves,
            ]
            try agent.start()
            try agent.call("folder", "add", agent.folder).succeeded()
            let first = try agent.status()
            agent.kill()
            let effects = try EffectLog(at: log)
            var loss = LossOfPower.ofAllElse
            let image = loss.image(after: before, effects)
            let named = effects.flushes.filter { flushed in
                hasNamed(agent, loss.image(after: before, flushed))
            }
            #expect(!named.isEmpty)
            let times = try image.restore(workingIn: "\(world.root)/scratch", graves: graves)
            try times.write(to: "\(world.root)/times")
            try Files.write("\(world.root)/boot", "another start\n")
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            agent.variables = [
                "LD_PRELOAD": library, "CRASH_TIMES": "\(world.root)/times",
                "CRASH_BOOT": "\(world.root)/boot:\(now.tv_sec * 1_000_000_000 + now.tv_nsec)",
            ]
            try agent.start()
            try agent.call("wait", "--timeout", "60").succeeded()
            let second = try agent.status()
            #expect(second.device.id == first.device.id)
            #expect(second.folders.map(\.id) == first.folders.map(\.id))
            #expect(second.folders.map(\.files) == [1])
            #expect(second.folders.flatMap(\.problems).map(\.message) == [])
        }

        /// Whether a folder's index is on the disk: whenever it is, so is the folder's marker. Later flushes are none
        /// of a new folder's.
        private func hasNamed(_ agent: Agent, _ image: DiskImage) -> Bool {
            let hasIndex = image.tree(at: agent.home).keys.contains { $0.hasPrefix("index/") && $0.hasSuffix(".db") }
            let hasMarker = image.tree(at: agent.folder)[".lanyard/folder"] != nil
            #expect(hasMarker || !hasIndex)
            return hasIndex
        }
    }
}
