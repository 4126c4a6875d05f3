internal import ControlAPI
internal import Glibc
internal import SyncModel
internal import WireProtocol

/// Where a joined folder goes when nobody says: under its name in the person's home directory.
enum JoinPlace {
    /// - Parameter known: folders that are ours already.
    static func path(of link: String, known: Set<FolderID> = []) throws(ControlError) -> [UInt8] {
        let invite: InviteLink
        do throws(WireError) { invite = try InviteLink(text: link) } catch {
            throw ControlError(.malformed, error.message)
        }
        guard let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") else {
            throw ControlError(.malformed, "no home directory is known; name the PATH at which the folder is to be")
        }
        // The name comes from another device: only a plain one becomes part of a path, and never a hidden one, which
        // might be where programs keep their secrets (`.ssh`).
        let name = invite.folderName
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !name.utf8.contains(0) else {
            throw ControlError(
                .malformed, "the folder's name can't be a directory's; name the PATH at which it is to be")
        }
        let path = "\(home)/\(name)"
        // All that is in it would go to whoever made the link, and chose the name.
        guard known.contains(invite.folder) || !mayHoldAnything(path) else {
            throw ControlError(
                .refused,
                """
                \(path) holds something already, which would be shared: name that as the PATH if it is meant, or another
                """)
        }
        return Array(path.utf8)
    }

    private static func mayHoldAnything(_ path: String) -> Bool {
        guard let directory = opendir(path) else { return errno != ENOENT }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Itself and the one above.
        return count > 2
    }
}
