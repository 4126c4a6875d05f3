import ModelFolder
import SyncCore
import SyncModel
import Testing

/// Users who only rename, between few names that are used again and again, while records travel: what was renamed stays
/// in the tree. Whoever renames a file over another one ends that himself.
@Suite struct RenamingTests {
    @Test(arguments: 0..<12 as Range<UInt64>) func whatIsOnlyRenamedStays(block: UInt64) {
        for seed in (block * 50)..<(block * 50 + 50) { check(seed) }
    }

    /// Something else was moved to a place from where another device moved the file away meanwhile, and replaced it.
    @Test(arguments: [534, 3_307, 3_758, 3_930, 3_951, 4_079, 4_344, 5_217, 5_290] as [UInt64])
    func whatCameFromElsewhereReplacesNothing(seed: UInt64) { check(seed) }

    private func check(_ seed: UInt64) {
        var world = Devices(seed: seed, count: 2 + Int(seed % 3))
        for number in 1...3 as ClosedRange<UInt64> {
            world.devices[0].disk.put(sampleFile(number), at: samplePath("f\(number)"))
        }
        world.settle()
        for _ in 0..<(10 + Int(seed % 20)) { world.rename() }
        world.settle()
        world.check()
        #expect(world.failures.isEmpty, "seed \(seed): \(world.failures.prefix(4))")
    }
}

extension Devices {
    /// A file is renamed at one device, or something is told or applied.
    fileprivate mutating func rename() {
        let index = user.number(devices.count)
        switch user.number(4) {
        case 0, 1:
            let files = devices[index].disk.entries.keys.sorted()
            guard !files.isEmpty else { return }
            let target = samplePath("n\(user.number(9))")
            devices[index].disk.rename(files[user.number(files.count)], to: target)
            devices[index].observe()
        case 2: exchange(from: index, to: user.number(devices.count), limit: 1 + user.number(4))
        default:
            for path in devices[index].needs.keys { devices[index].stageContent(of: path) }
            _ = devices[index].wave(&user, percent: 80)
        }
    }
}
