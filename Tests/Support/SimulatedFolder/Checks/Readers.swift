import ModelFolder
import SyncModel

extension SimulatedWorld {
    /// Nobody took anything from one who may announce nothing, and it told nothing.
    mutating func checkReaders() {
        for reader in readers where isReader(reader) {
            for device in devices {
                for record in device.index.rows.values.compactMap(\.counted)
                where record.version.entries.contains(where: { $0.author.device == devices[reader].id }) {
                    failures.append("\(device.name) has \(record.path) of d\(reader), which announces nothing")
                }
            }
        }
    }
}
