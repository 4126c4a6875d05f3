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

    /// Where nobody edits or deletes anything, and no name is given twice, everything is there once and is no copy, if
    /// one device renames directories; if several do, nothing is lost.
    @Test(arguments: 0..<40 as Range<UInt64>)
    func whatIsRearrangedIsThereOnce(block: UInt64) {
        for seed in (block * 20)..<(block * 20 + 20) {
            var devices = Devices(seed: seed, count: 2 + Int(seed % 2))
            devices.renamers = seed.isMultiple(of: 3) ? devices.devices.count : 1
            devices.run(rounds: 20 + Int(seed % 60))
            let files = devices.devices[0].disk.entries.values.map(\.content).filter { !$0.isDirectory }
            if devices.renamers == 1, Set(files).count < files.count { devices.failures.append("there twice") }
            let copies = devices.devices[0].rows.values.filter { $0.record.conflictOf != nil && !$0.record.isDeleted }
            if !copies.isEmpty { devices.failures.append("copies: \(copies.map(\.record.path))") }
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
