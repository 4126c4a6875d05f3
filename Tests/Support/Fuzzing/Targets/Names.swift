import LocalFileSystem
import SyncModel

extension FuzzTargets {
    /// Names and contents that are found in a folder's `.lanyard` directory.
    static let names = FuzzTarget("names") {
        let content = FileContent(size: 77, hash: ContentHash(.zero))
        let names = [StageName.whole(content), .partial(content)].map(\.bytes)
        let marker = Marker(folder: FolderID(high: 1, low: 2), volume: FolderVolumeID(3))
        return names + [marker.bytes]
            + ["swap.1f.2.3", "2026-11-24", "9999-12-31", "0000-02-29", "report.txt~1764000000-1f", "~-1-0"].map {
                Array($0.utf8)
            }
    } check: { input in
        if let marker = Marker(input) {
            try hold(Marker(marker.bytes) == marker, "a marker is written as another")
            let text = String(decoding: input, as: UTF8.self).lowercased()
            try hold(Array(text.utf8) == marker.bytes, "a marker is written in another way")
        }
        if let name = StageName(input) {
            try hold(name.bytes == input, "a name of the stage is read that is written in another way")
        }
        if let (stem, suffix) = HistorySuffix.split(input[...]) {
            try hold(Array(stem) + suffix.bytes == input, "a name of the history is written in another way")
        }
        let text = String(decoding: input, as: UTF8.self)
        if let day = HistoryDay(text: text) {
            try hold(day.description == text, "a day is written in another way")
            try hold(HistoryDay(seconds: day.number * 86_400) == day, "a day is another by its seconds")
        }
    }
}
