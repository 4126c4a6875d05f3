/// One step of a history: what a person does at a device, or that one device hears from another.
package enum ScopeEvent: Hashable, CustomStringConvertible {
    /// What a person writes.
    package enum Writing: Hashable, CaseIterable {
        /// Contents that nobody wrote before: greater, or smaller, than all others are in the order that settles
        /// conflicts between equally many edits.
        case greater, smaller
        /// The same two on every device.
        case x, y
    }

    case write(Int, path: Int, Writing)
    case delete(Int, path: Int)
    /// Renames what stands there to another path at which nothing stands.
    case rename(Int, from: Int, to: Int)
    /// Hears of all that the other one has, and does not get to it yet.
    case hear(Int, from: Int)
    /// Hears of all that the other one has, and does it.
    case take(Int, from: Int)

    package var description: String {
        switch self {
        case .write(let device, let path, let writing): "\(device) writes \(writing) \(Self.names[path])"
        case .delete(let device, let path): "\(device) deletes \(Self.names[path])"
        case .rename(let device, let from, let to): "\(device) renames \(Self.names[from]) to \(Self.names[to])"
        case .hear(let device, let other): "\(device) hears from \(other)"
        case .take(let device, let other): "\(device) takes from \(other)"
        }
    }

    private static let names = ["p", "q"]

    /// The devices in it, in the order in which it names them.
    var devices: [Int] {
        switch self {
        case .write(let device, _, _), .delete(let device, _), .rename(let device, _, _): [device]
        case .hear(let device, let other), .take(let device, let other): [other, device]
        }
    }

    /// All events between so many devices, at so many paths.
    static func all(devices: Int, paths: Int) -> [ScopeEvent] {
        var events: [ScopeEvent] = []
        for device in 0..<devices {
            for path in 0..<paths {
                events += Writing.allCases.map { .write(device, path: path, $0) }
                events.append(.delete(device, path: path))
                events += (0..<paths).filter { $0 != path }.map { .rename(device, from: path, to: $0) }
            }
            for other in 0..<devices where other != device {
                events += [.take(device, from: other), .hear(device, from: other)]
            }
        }
        return events
    }
}
