internal import ControlAPI
internal import Glibc
internal import WireProtocol

/// Where a joined folder goes when nobody says: under its name in the person's home directory.
enum JoinPlace {
    static func path(of link: String) throws(ControlError) -> [UInt8] {
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
        return Array("\(home)/\(name)".utf8)
    }
}
