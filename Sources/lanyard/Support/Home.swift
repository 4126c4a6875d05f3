import ControlAPI
import Glibc

/// Where an agent keeps its state.
enum Home {
    /// `--home`, else `LANYARD_HOME`, else `lanyard` in the XDG state directory.
    static func directory(option: String?) throws(ControlError) -> String {
        if let option = option ?? variable("LANYARD_HOME") { return try absolute(option) }
        // The XDG rules: a path that isn't absolute is ignored.
        if let state = variable("XDG_STATE_HOME"), state.hasPrefix("/") { return try absolute(state + "/lanyard") }
        guard let home = variable("HOME"), home.hasPrefix("/") else {
            throw ControlError(.malformed, "no home directory is known; name one with --home or LANYARD_HOME")
        }
        return try absolute(home + "/.local/state/lanyard")
    }

    static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value[0] != 0 else { return nil }
        return LocalPath(bytes: cBytes(value)).text
    }

    private static func absolute(_ text: String) throws(ControlError) -> String {
        guard let path = LocalPath(text: text), let home = try AbsolutePath.resolving(path).string else {
            throw ControlError(.malformed, "the home must be named in UTF-8")
        }
        return home
    }
}

/// The bytes of a C string.
func cBytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
}
