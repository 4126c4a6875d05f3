import SeededRandom

/// Draws what is done in one history. The same seed, the same actions.
package struct RandomActions {
    private var generator: SeededGenerator
    private let devices: Int
    private let paths: Int
    private var values = 0
    /// How many more changes a path may see until it is stable: the checker follows no more.
    private var room: [Int]

    /// - Parameter seed: also decides whether there are one or three paths, and whether cables are pulled.
    package static func draw(seed: UInt64, devices: Int) -> [Action] {
        var drawn = RandomActions(seed: seed, devices: devices, paths: seed % 3 == 2 ? 3 : 1)
        return drawn.history()
    }

    private init(seed: UInt64, devices: Int, paths: Int) {
        generator = SeededGenerator(seed: seed)
        (self.devices, self.paths) = (devices, paths)
        room = Array(repeating: 0, count: paths)
    }

    private mutating func history() -> [Action] {
        var actions: [Action] = []
        let hasCuts = chance(30)
        for _ in 0..<(1 + number(3)) {
            if chance(70) { actions += [.write(device: number(devices), path: 0, value: next()), .stabilise] }
            room = room.map { _ in devices == 2 ? 7 : 4 }
            if hasCuts { actions.append(.cut(device: number(devices))) }
            for _ in 0..<(3 + number(6 + 3 * paths)) { actions.append(action(hasCuts)) }
            actions.append(.stabilise)
        }
        return actions
    }

    private mutating func action(_ hasCuts: Bool) -> Action {
        let (device, path) = (number(devices), number(paths))
        switch number(100) {
        case 0..<46 where room[path] > 0:
            room[path] -= 1
            return .write(device: device, path: path, value: chance(12) ? 0 : next())
        case 46..<60 where room[path] > 0:
            room[path] -= 1
            return .delete(device: device, path: path)
        case 60..<78: return .pause(milliseconds: 1 << number(9))
        case 78..<82 where hasCuts: return .join(device: device)
        case 82..<86 where hasCuts: return .cut(device: device)
        default: return .read(device: device, path: path)
        }
    }

    private mutating func next() -> Int {
        values += 1
        return values
    }

    private mutating func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
    private mutating func chance(_ percent: Int) -> Bool { number(100) < percent }
}
