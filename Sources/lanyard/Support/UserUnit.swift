import ControlAPI
import Glibc

/// The systemd unit that runs an agent for one user.
struct UserUnit {
    let program: String
    let home: String
    let listen: [String]
    let discovery: Bool

    var text: String {
        var words = [program, "--home", home, "up"]
        for address in listen { words += ["--listen", address] }
        if !discovery { words.append("--no-discovery") }
        return """
            [Unit]
            Description=Lanyard keeps folders identical on all your devices

            [Service]
            Type=notify
            ExecStart=\(words.map(Self.quoted).joined(separator: " "))
            Restart=on-failure
            RestartSec=5
            NoNewPrivileges=yes

            [Install]
            WantedBy=default.target

            """
    }

    /// systemd.service(5): a word in quotes, without specifiers and variables.
    static func quoted(_ word: String) -> String {
        var result = "\""
        for character in word {
            switch character {
            case "\"", "\\": result += "\\\(character)"
            case "%", "$": result += "\(character)\(character)"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default: result.append(character)
            }
        }
        return result + "\""
    }

    static func thisProgram() throws(ControlError) -> String {
        guard let resolved = realpath("/proc/self/exe", nil) else {
            throw ControlError(.failed, "the path of this program can't be found: is /proc mounted?")
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// In `$XDG_CONFIG_HOME/systemd/user`, or in `~/.config`.
    static func path() throws(ControlError) -> String {
        let path = try place()
        // As a C string it would end there, and another directory be written to.
        guard !path.utf8.contains(0) else {
            throw ControlError(
                .malformed, "the directory of the unit must be named in UTF-8: \(path); set XDG_CONFIG_HOME")
        }
        return path
    }

    private static func place() throws(ControlError) -> String {
        if let directory = Home.variable("XDG_CONFIG_HOME"), directory.hasPrefix("/") {
            return directory + "/systemd/user/lanyard.service"
        }
        guard let home = Home.variable("HOME"), home.hasPrefix("/") else {
            throw ControlError(.malformed, "no home directory is known; set HOME")
        }
        return home + "/.config/systemd/user/lanyard.service"
    }

    /// Whole or not at all.
    static func write(_ text: String, to path: String) throws(ControlError) {
        var directory = ""
        for component in path.split(separator: "/").dropLast() {
            directory += "/" + component
            _ = mkdir(directory, 0o755)
        }
        let temporary = path + ".new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw failure(path) }
        let bytes = Array(text.utf8)
        let written = Glibc.write(descriptor, bytes, bytes.count)
        let flushed = fsync(descriptor)
        close(descriptor)
        guard written == bytes.count, flushed == 0, rename(temporary, path) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> ControlError {
        ControlError(.failed, "\(DisplayText.printable(path)) can't be written: \(String(cString: strerror(errno)))")
    }
}
