import ModelFolder
import SyncCore
import SyncModel
import Testing

/// Several devices whose users edit at random, at any moment, while records travel in any order.
@Suite struct DevicesTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func devicesConvergeAndLoseNothing(block: UInt64) {
        for seed in (block * 20)..<(block * 20 + 20) {
            var devices = Devices(seed: seed, count: 2 + Int(seed % 2))
            devices.run(rounds: 20 + Int(seed % 60))
            #expect(devices.failures.isEmpty, "seed \(seed): \(devices.failures.prefix(4))")
            if !devices.failures.isEmpty { return }
        }
    }

    /// Seeds that once lost a content: a file put back between the two steps of a replacement, and an edit that follows
    /// a move at a path that was edited before the edit was applied.
    @Test(arguments: [52_590, 55_430] as [UInt64])
    func foundSeeds(seed: UInt64) {
        var devices = Devices(seed: seed, count: 2 + Int(seed % 2))
        devices.run(rounds: 20 + Int(seed % 60))
        #expect(devices.failures.isEmpty, "seed \(seed): \(devices.failures.prefix(4))")
    }
}
