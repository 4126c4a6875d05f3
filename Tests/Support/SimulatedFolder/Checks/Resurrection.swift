import ModelFolder
import SyncModel

extension SimulatedWorld {
    /// What was gone everywhere when all was quiet before, and nobody made since, is not back.
    mutating func checkResurrection() {
        let there = Set(devices.flatMap { $0.disk.entries.values.map(\.content) })
        for content in gone.intersection(there).subtracting(made) where !content.isDirectory {
            failures.append("back: \(content)")
        }
        gone = devices.reduce(into: Set<Content>()) { $0.formUnion($1.seen) }.subtracting(there)
        made = []
    }
}
