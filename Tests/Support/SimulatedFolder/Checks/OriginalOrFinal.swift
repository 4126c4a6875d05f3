import ModelFolder
import SyncCore
import SyncModel

extension SimulatedDevice {
    /// After each step its paths hold what they held before, or what their needs are to make of them, and everywhere
    /// else is what was there. A directory holds nothing, as far as its own path goes. What a loss of power left may
    /// go.
    mutating func checkOriginalOrFinal(_ step: ApplyStep, before: ModelDisk) {
        var paths = [step.path]
        if case .move(let target, _) = step.action { paths.append(target) }
        for path in paths where disk[path]?.content.held != before[path]?.content.held {
            let isTorn = isRecovering && disk[path] == nil
            guard !isTorn, index.needs[path].map({ $0.target.content.held != disk[path]?.content.held }) ?? true else {
                continue
            }
            fail("\(path) is neither what it was nor what it is to be after \(step)")
        }
        func others(_ tree: ModelDisk) -> [RelativePath: ModelDisk.Entry] {
            tree.entries.filter { entry in !paths.contains { entry.key == $0 || entry.key.isBelow($0) } }
        }
        if others(disk) != others(before) { fail("\(step) changes something else, too") }
    }
}

extension Content {
    /// What a person would miss.
    fileprivate var held: Content? {
        switch self {
        case .file, .symlink: self
        case .directory, .deleted: nil
        }
    }
}
