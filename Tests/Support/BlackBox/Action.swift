/// What is done at the devices, and to them. Devices and paths are counted from 0.
package enum Action: Hashable, CustomStringConvertible {
    /// A person puts a file with this value in the place of what stands there, in one step.
    case write(device: Int, path: Int, value: Int)
    /// A person takes away what stands there, in one step.
    case delete(device: Int, path: Int)
    case read(device: Int, path: Int)
    case pause(milliseconds: Int)
    /// A device's cable is pulled, or plugged again.
    case cut(device: Int)
    case join(device: Int)
    /// All cables are plugged, and nothing is done until every device says that it is in sync.
    case stabilise

    /// The path that it is done at.
    package var path: Int? {
        switch self {
        case .write(_, let path, _), .delete(_, let path), .read(_, let path): path
        case .pause, .cut, .join, .stabilise: nil
        }
    }

    package var description: String {
        switch self {
        case .write(let device, let path, let value): "write(\(device), \(path), \(value))"
        case .delete(let device, let path): "delete(\(device), \(path))"
        case .read(let device, let path): "read(\(device), \(path))"
        case .pause(let milliseconds): "pause(\(milliseconds))"
        case .cut(let device): "cut(\(device))"
        case .join(let device): "join(\(device))"
        case .stabilise: "stabilise"
        }
    }
}

/// What was seen of one path: the value is nil where nothing stood there.
package enum Observation: Hashable, CustomStringConvertible {
    /// `over` is what stood there until then.
    case wrote(device: Int, value: Int, over: Int?)
    case deleted(device: Int, over: Int?)
    case read(device: Int, value: Int?)
    /// What each device has at the path, and in conflict copies of it.
    case stable(values: [Int?], copies: [Set<Int>])

    package var description: String {
        func text(_ value: Int?) -> String { value.map { "\($0)" } ?? "nothing" }
        return switch self {
        case .wrote(let device, let value, let over): "device \(device) wrote \(value) over \(text(over))"
        case .deleted(let device, let over): "device \(device) deleted \(text(over))"
        case .read(let device, let value): "device \(device) read \(text(value))"
        case .stable(let values, let copies):
            "stable at [\(values.map(text).joined(separator: ", "))], copies "
                + "\(copies.map { $0.sorted() })"
        }
    }
}
