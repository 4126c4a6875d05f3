internal import SyncModel
internal import WireProtocol

/// The name that a folder has where nobody gives it one.
enum FolderName {
    /// The path's last component as text: what can't be shown becomes something that can, with room for a number.
    static func from(_ path: [UInt8]) -> String {
        let last = path.split(separator: UInt8(ascii: "/")).last ?? []
        let text = WireText.cleaned(String(decoding: last, as: UTF8.self), limit: Limits.folderNameBytes - 8)
        return text.isEmpty ? "folder" : text
    }
}
