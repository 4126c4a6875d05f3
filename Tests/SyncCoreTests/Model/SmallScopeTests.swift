import ModelFolder
import SyncCore
import SyncModel
import Testing

/// Every history of two devices and one path up to a depth.
@Suite struct SmallScopeTests {
    private enum Event: CaseIterable {
        case firstEditsX, firstEditsY, firstDeletes, secondEditsX, secondEditsY, secondDeletes, firstTells, secondTells
    }

    @Test func everyHistoryOfFourEventsConvergesWithoutLoss() {
        var count = 0
        var histories: [[Event]] = [[]]
        for _ in 0..<4 {
            histories = histories.flatMap { history in Event.allCases.map { history + [$0] } }
            for history in histories {
                count += 1
                check(history)
            }
        }
        print("small scope: \(count) histories")
        #expect(count == 8 + 64 + 512 + 4_096)
    }

    private func check(_ history: [Event]) {
        var world = Devices(seed: 1, count: 2)
        for event in history {
            switch event {
            case .firstEditsX: edit(&world.devices[0], 1)
            case .firstEditsY: edit(&world.devices[0], 2)
            case .firstDeletes: delete(&world.devices[0])
            case .secondEditsX: edit(&world.devices[1], 1)
            case .secondEditsY: edit(&world.devices[1], 2)
            case .secondDeletes: delete(&world.devices[1])
            case .firstTells: tell(&world, 0, 1)
            case .secondTells: tell(&world, 1, 0)
            }
        }
        world.settle()
        world.check()
        if !world.failures.isEmpty { Issue.record("\(history): \(world.failures)") }
        let copies = world.devices[0].rows.values.filter { $0.record.conflictOf != nil }
        let first = history.contains { [.firstEditsX, .firstEditsY].contains($0) }
        let second = history.contains { [.secondEditsX, .secondEditsY].contains($0) }
        if !(first && second), !copies.isEmpty { Issue.record("a false conflict: \(history)") }
    }

    private func edit(_ device: inout ModelDevice, _ content: UInt64) {
        device.disk.put(sampleFile(content), at: samplePath("p"))
        device.observe()
    }

    private func delete(_ device: inout ModelDevice) {
        device.disk.remove(samplePath("p"))
        device.observe()
    }

    private func tell(_ world: inout Devices, _ from: Int, _ to: Int) {
        world.exchange(from: from, to: to, limit: .max)
        for path in world.devices[to].needs.keys { world.devices[to].stageContent(of: path) }
        _ = world.devices[to].wave(&world.user, percent: 100)
    }
}
